"""The people in a video: where each was seen, and what each looks like."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.detection import box_overlap
from napari_mespot.face.likeness import SAME, Look

__all__ = ["People", "Person", "Sighting", "StillPatch", "preference"]

_SAME_PLACE_IOU = 0.3
_MOST_LOOKS, _FIRST_LOOKS = 12, 4
# Another face takes the place of the followed one only if it is clearly the better one.
_BETTER = 1.25
_STILL_CHANGE = 0.015
_STILL_WEIGHT = 0.1
_FEWEST_STILL, _FEWEST_SEEN = 3, 2
_PATCH_PX = 48


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face seen when all faces were looked for.

    Parameters
    ----------
    frame
        When.
    box
        (4,) left, top, right, bottom in frame pixels.
    weight
        How large and central it is; 0 for one that was looked for out of turn.
    """

    frame: int
    box: NDArray[np.float64]
    weight: float


class StillPatch:
    """A part of the picture, to see whether a face in it ever moves: a photograph does not."""

    def __init__(self) -> None:
        self._box: NDArray[np.float64] | None = None
        self._patch: NDArray[np.float32] | None = None
        self._changes: list[float] = []

    @property
    def is_still(self) -> bool:
        """Whether nothing has moved there over several looks."""
        enough = len(self._changes) >= _FEWEST_STILL
        return enough and float(np.max(self._changes)) < _STILL_CHANGE

    def look(self, image: NDArray[np.uint8], box: NDArray[np.float64]) -> None:
        """Compare the picture with that of before, where the face was then."""
        if self._box is not None and self._patch is not None:
            now, before = _patch(image, self._box), self._patch
            gain = float((now * before).sum() / max(float((before**2).sum()), 1e-6))
            change = float(np.sqrt(((now - gain * before) ** 2).mean()))
            self._changes.append(change / (float(before.std()) + 2))
        self._box, self._patch = box, _patch(image, box)


@dataclass(slots=True, eq=False)
class Person:
    """A person: sightings in the order of the frames, and some looks."""

    sightings: list[Sighting] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    patch: StillPatch = field(default_factory=StillPatch)

    def likeness(self, look: Look) -> float:
        """Return how much a face looks like this person, at most 1."""
        return max((float(known @ look) for known in self.looks), default=0.0)

    def likeness_to(self, other: "Person") -> float:
        """Return how much two people look alike."""
        return max((self.likeness(look) for look in other.looks), default=0.0)

    def remember(self, look: Look) -> None:
        """Keep a look: the first few, and the latest."""
        if len(self.looks) == _MOST_LOOKS:
            del self.looks[_FIRST_LOOKS]
        self.looks.append(look)

    def is_at(self, box: NDArray[np.float64], frame: int, within: int) -> bool:
        """Whether the person was, or will be, seen at a place at about that time."""
        near = min(self.sightings, key=lambda s: abs(s.frame - frame), default=None)
        if near is None or abs(near.frame - frame) > within:
            return False
        return box_overlap(near.box, box) >= _SAME_PLACE_IOU

    @property
    def weight(self) -> float:
        """How much of the video the face fills: its size and place over all sightings."""
        total = sum(sighting.weight for sighting in self.sightings)
        return total * (_STILL_WEIGHT if self.patch.is_still else 1.0)

    @property
    def n_seen(self) -> int:
        """How often it was seen when it was looked for in turn."""
        return sum(sighting.weight > 0 for sighting in self.sightings)

    @property
    def x(self) -> float:
        """Where it usually is, from the left."""
        return float(np.median([(s.box[0] + s.box[2]) / 2 for s in self.sightings]))


class People:
    """All people of a video, and which of them were followed."""

    def __init__(self) -> None:
        self.persons: list[Person] = []
        self.followed: list[Person] = []
        self.others: list[Person] = []  # seen together with the one that is followed

    def new(self) -> Person:
        """Add a person that was not seen before."""
        person = Person()
        self.persons.append(person)
        return person

    def most_like(
        self, look: Look, among: Iterable[Person] | None = None
    ) -> tuple[Person | None, float]:
        """Return who looks most like a face, and how much."""
        best: Person | None = None
        most = 0.0
        for person in self.persons if among is None else among:
            likeness = person.likeness(look)
            if likeness > most:
                best, most = person, likeness
        return best, most

    def at(self, box: NDArray[np.float64], frame: int, within: int) -> Person | None:
        """Return who was seen at a place at about that time."""
        return next((p for p in self.persons if p.is_at(box, frame, within)), None)

    def weigh_anew(self) -> None:
        """Forget how large and central faces were so far: they are looked for in another way."""
        for person in self.persons:
            person.sightings = [replace(sighting, weight=0.0) for sighting in person.sightings]

    def is_followed(self, person: Person) -> bool:
        """Whether a person was followed, in some part of the video."""
        return any(person is other for other in self.followed)

    def is_other(self, person: Person | None) -> bool:
        """Whether a person was seen together with the one that is followed."""
        return any(person is other for other in self.others)

    def wanted(self, choice: FaceChoice) -> Person | None:
        """Return who should be followed; None if nobody is what was asked for."""
        if choice.rule != "largest":
            return self._chosen(choice)
        better = self._heaviest()
        return better if better is not None or not self.followed else self.followed[0]

    def _heaviest(self) -> Person | None:
        """Return a person who is clearly larger and more central than who was followed."""
        followed = sum(person.weight for person in self.followed)
        rest = [p for p in self._real() if not self.is_followed(p)]
        best = max(rest, key=lambda person: person.weight, default=None)
        return best if best is not None and best.weight > _BETTER * followed else None

    def _real(self) -> list[Person]:
        """Return the people who were seen more than once, or followed."""
        return [p for p in self.persons if p.n_seen >= _FEWEST_SEEN or self.is_followed(p)]

    def _chosen(self, choice: FaceChoice) -> Person | None:
        if choice.rule == "place":
            return self._at_place(choice)
        row = sorted(self._real(), key=lambda person: person.x)
        if not row:
            return None
        if choice.rule == "number":
            return row[choice.number - 1] if choice.number <= len(row) else None
        return row[0] if choice.rule == "left" else row[-1]

    def _at_place(self, choice: FaceChoice) -> Person | None:
        """Return who was nearest to a place, if the place is on or near the face."""
        point = np.array([choice.x, choice.y])
        best: Person | None = None
        nearest = 1.0
        for person in self.persons:
            for sighting in person.sightings:
                if choice.frame is not None and sighting.frame != choice.frame:
                    continue
                middle = 0.5 * (sighting.box[:2] + sighting.box[2:])
                size = float(np.max(sighting.box[2:] - sighting.box[:2]))
                away = float(np.linalg.norm(middle - point)) / size
                if away <= nearest:
                    best, nearest = person, away
        return best

    def same(self, one: Person, other: Person) -> bool:
        """Whether two people that were kept apart are the same person after all."""
        return one is other or one.likeness_to(other) >= SAME


def preference(box: NDArray[np.float64], shape: tuple[int, ...]) -> float:
    """Return how large and central a face is, in pixels."""
    middle = np.array([shape[1], shape[0]]) / 2
    centre = 0.5 * (box[:2] + box[2:])
    away = float(np.linalg.norm(centre - middle) / np.linalg.norm(middle))
    return float(np.max(box[2:] - box[:2])) * (1 - 0.5 * away)


def _patch(image: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the part of a picture around a box, small and without its mean."""
    centre, side = 0.5 * (box[:2] + box[2:]), 1.2 * float(np.max(box[2:] - box[:2]))
    scale = _PATCH_PX / max(side, 1.0)
    shift = _PATCH_PX / 2 - scale * centre
    to_patch = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    # Twice the size and averaged, so that noise is no motion.
    wide = cv2.warpAffine(image, 2 * to_patch, (2 * _PATCH_PX, 2 * _PATCH_PX))
    patch = cv2.resize(wide, (_PATCH_PX, _PATCH_PX), interpolation=cv2.INTER_AREA)
    values = cv2.GaussianBlur(patch.astype(np.float32), (0, 0), 1)
    return np.asarray(values - values.mean(), dtype=np.float32)
