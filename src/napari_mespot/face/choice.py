"""Which face of a video to follow, as a user says it."""

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["LARGEST", "FaceChoice", "parse_face_choice"]

_PLACE = re.compile(r"(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)(?:@(\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class FaceChoice:
    """Which face of a video to follow.

    Parameters
    ----------
    rule
        ``"largest"``: the largest and most central one over the whole video; ``"left"``,
        ``"right"``: of the picture; ``"number"``: counted from the left; ``"place"``: the one
        at a place in the picture.
    number
        From 1, for ``"number"``.
    x, y
        In pixels of the picture, for ``"place"``.
    frame
        Frame in which the face is at the place; None for any.
    """

    rule: Literal["largest", "left", "right", "number", "place"] = "largest"
    number: int = 1
    x: float = 0.0
    y: float = 0.0
    frame: int | None = None

    def __str__(self) -> str:
        """Return the choice as :func:`parse_face_choice` reads it."""
        if self.rule == "number":
            return str(self.number)
        if self.rule == "place":
            at = "" if self.frame is None else f"@{self.frame}"
            return f"{self.x:g},{self.y:g}{at}"
        return self.rule


#: What is followed unless something else is asked for.
LARGEST = FaceChoice()


def parse_face_choice(text: str) -> FaceChoice:
    """Read ``largest``, ``left``, ``right``, a number from the left, ``x,y`` or ``x,y@frame``.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    said = text.strip().lower().replace(" ", "")
    if said in ("largest", "left", "right"):
        return FaceChoice(said)  # type: ignore[arg-type]  # one of the literals
    if said.isascii() and said.isdigit() and int(said[:6]) >= 1 and len(said) <= 4:
        return FaceChoice("number", number=int(said))
    place = _PLACE.fullmatch(said)
    if place is None or len(said) > 40:
        raise ValueError(
            "expected largest, left, right, a number counted from the left (1, 2, …), or a place "
            f"in the picture (x,y or x,y@frame), got {text[:60]!r}"
        )
    frame = None if place[3] is None else int(place[3])
    return FaceChoice("place", x=float(place[1]), y=float(place[2]), frame=frame)
