"""One line for the user, with how much it matters."""

from typing import Literal

__all__ = ["Level", "NoticeLine", "reason_first"]

Level = Literal["info", "warning", "error"]
_EXPECTED = ": expected "


class NoticeLine(str):
    """A text for the user that knows how much it matters.

    Parameters
    ----------
    text
        The line.
    level
        ``"info"``: good to know; ``"warning"``: what is shown may differ from what is meant;
        ``"error"``: something was lost, or could not be done.
    is_of_other_window
        Whether it says that the video is open in another window.
    """

    __slots__ = ("is_of_other_window", "level")
    level: Level
    is_of_other_window: bool

    def __new__(
        cls, text: str, level: Level = "info", *, is_of_other_window: bool = False
    ) -> "NoticeLine":
        """Return the line."""
        line = super().__new__(cls, text)
        line.level, line.is_of_other_window = level, is_of_other_window
        return line


def reason_first(text: str) -> str:
    """Return an error with its reason first and the full path last, as a narrow line needs it.

    Examples
    --------
    >>> reason_first("/a/b/x.csv, row 1: expected a number, got 'x'")
    "Expected a number, got 'x' (/a/b/x.csv, row 1)"
    """
    where, found, reason = text.partition(_EXPECTED)
    if not found or not ("/" in where or "\\" in where):
        return text
    return f"Expected {reason} ({where})"
