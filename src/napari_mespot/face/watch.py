"""Watch over who is followed: look for all faces now and then, and know people again.

A person is known by place, size and likeness. Who was seen together with the followed person is
another one, and is not taken up when the followed one is lost. After a cut or a gap the face is
compared with those known; a change of person is a break, across which nothing is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.detection import Detection, FaceDetector, box_overlap
from napari_mespot.face.geometry import frame_face
from napari_mespot.face.landmarks import Landmarker, Landmarks, region_of_detection
from napari_mespot.face.likeness import ANOTHER, SAME, Look, look_of
from napari_mespot.face.ordering import (
    FOUND_IN_WHOLE,
    SAME_PLACE_IOU,
    fills,
    is_better_turned,
    ordered_faces,
    overlapping,
)
from napari_mespot.face.people import People, Person, Sighting, preference
from napari_mespot.face.quality import FaceQuality
from napari_mespot.face.template import aligned_view

__all__ = ["Change", "Known", "Watch"]

_CLEARLY_OTHER = 0.65
_SURELY_MORE = 0.1
_WITHIN_LOOKS = 3.5
_FINE_EVERY = 2


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What a first pass found: the people, who is to be followed, what the user asked for."""

    people: People
    wanted: Person
    choice: FaceChoice


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """From `frame` on another person is followed."""

    frame: int
    before: Person
    now: Person


@dataclass(slots=True, eq=False)
class _Seen:
    """A face whose landmarks were measured."""

    landmarks: Landmarks
    view: NDArray[np.uint8]  # (112, 112), aligned
    look: Look
    person: Person | None = None


@dataclass(slots=True)
class _State:
    """Who is to be followed and who is, and what happened."""

    main: Person | None = None
    now: Person | None = None
    changes: list[Change] = field(default_factory=list)
    looked_at: int = -(10**9)
    looks: int = 0
    fine: bool = False
    upside_down: int = 0


class Watch:
    """Knows the people of one video.

    Parameters
    ----------
    detector, landmarker
        The two nets.
    every_frames
        How often to look for all faces.
    follow
        Whom to follow: a choice, or the result of a first pass.
    """

    def __init__(
        self,
        detector: FaceDetector,
        landmarker: Landmarker,
        every_frames: int,
        follow: FaceChoice | Known,
    ) -> None:
        self.quality = FaceQuality()
        self.people = People()
        self._detector, self._landmarker = detector, landmarker
        self._every = every_frames
        self._choice = follow if isinstance(follow, FaceChoice) else follow.choice
        self._state = _State()
        if isinstance(follow, Known):
            self._state.main = follow.wanted
            self.people.persons = list(follow.people.persons)
            self.people.others = [p for p in self.people.persons if p is not follow.wanted]

    @property
    def changes(self) -> list[Change]:
        """Changes of the person that is followed, in the order of the frames."""
        net: list[Change] = []
        for change in self._state.changes:
            if net and net[-1].frame == change.frame:
                change = Change(change.frame, net.pop().before, change.now)
            net.append(change)
        return [c for c in net if not self.people.same(c.before, c.now)]

    @property
    def breaks(self) -> list[int]:
        """Frames from which another face is followed than before, in order."""
        return [change.frame for change in self._state.changes]

    @property
    def seen_upside_down(self) -> bool:
        """Whether only the picture turned by 180° shows a face."""
        return self._state.upside_down > 0 and not self.people.followed

    def is_due(self, frame: int) -> bool:
        """Whether it is time to look for all faces."""
        return self.is_asked(frame) or frame - self._state.looked_at >= self._every

    def is_asked(self, frame: int) -> bool:
        """Whether the user has named a face in this frame."""
        return self._choice.rule == "place" and self._choice.frame == frame

    def look_upside_down(self, image: NDArray[np.uint8], best: Detection | None = None) -> bool:
        """See whether the picture shows a face when it is turned by 180°, if none is known yet.

        Parameters
        ----------
        image
            (H, W) uint8 frame.
        best
            The best face in it as it is: the nets take some faces that are upside down.
        """
        if self.people.followed:
            return False
        is_small = best is not None and best.size < FOUND_IN_WHOLE * max(image.shape)
        score = 0.0 if best is None else best.score
        found = is_better_turned(image, self._detector, self._landmarker, score, tiles=is_small)
        self._state.upside_down += found
        return found

    # -- choosing -----------------------------------------------------------------------------

    def choose(
        self,
        image: NDArray[np.uint8],
        frame: int,
        faces: Sequence[Detection],
        last_box: NDArray[np.float64] | None,
    ) -> tuple[Detection, Landmarks] | None:
        """Choose the face to start with, among those detected.

        Returns
        -------
        The face and its landmarks, carefully measured; None if there is none to follow.
        """
        asked = self._choice if self._state.main is None else FaceChoice()
        ordered = ordered_faces(faces, asked, image.shape, last_box)
        if self._state.main is None:
            return self._first(image, frame, ordered)
        best: tuple[Detection, _Seen] | None = None
        for face in ordered:
            if self._is_known_other(face.box, frame, last_box):
                continue
            seen = self._measured(image, face, frame, last_box, careful=True)
            if seen is None or self.people.is_other(seen.person):
                continue
            if best is None or seen.person is self._state.main:
                best = (face, seen)
            if seen.person is self._state.main:
                break
        if best is None:
            return None
        face, seen = best
        self._take(seen, frame)
        self.quality.add(seen.landmarks.points, seen.view)
        return face, seen.landmarks

    def _first(
        self, image: NDArray[np.uint8], frame: int, ordered: list[Detection]
    ) -> tuple[Detection, Landmarks] | None:
        if ordered and self.look_upside_down(image, max(ordered, key=lambda face: face.score)):
            return None
        for face in ordered:
            landmarks = self._landmarker.measure_careful(image, region_of_detection(face))
            if landmarks is not None:
                self._state.main = self.people.new()
                seen = _seen(image, landmarks)
                seen.person = self._state.main
                self._take(seen, frame)
                self.quality.add(landmarks.points, seen.view)
                return face, landmarks
        return None

    def _is_known_other(
        self, box: NDArray[np.float64], frame: int, last_box: NDArray[np.float64] | None
    ) -> bool:
        """Whether another person was seen in this place at about this time."""
        within = round(_WITHIN_LOOKS * self._every)
        if last_box is not None and box_overlap(box, last_box) > SAME_PLACE_IOU:
            return False
        return any(person.is_at(box, frame, within) for person in self.people.others) and not (
            self._state.main is not None and self._state.main.is_at(box, frame, within)
        )

    def _measured(
        self,
        image: NDArray[np.uint8],
        face: Detection,
        frame: int,
        last_box: NDArray[np.float64] | None,
        *,
        careful: bool,
    ) -> _Seen | None:
        """Measure a face, and say who it is; None if it shows no landmarks."""
        region = region_of_detection(face)
        measure = self._landmarker.measure_careful if careful else self._landmarker.measure
        landmarks = measure(image, region)
        if landmarks is None:
            return None
        main, within = self._state.main, round(_WITHIN_LOOKS * self._every)
        near = last_box is not None and box_overlap(face.box, last_box) > SAME_PLACE_IOU
        near = near or (main is not None and main.is_at(face.box, frame, within))
        seen = _seen(image, landmarks)
        seen.person = self._who(seen.look, near=near)
        return seen

    def _who(self, look: Look, *, near: bool) -> Person | None:
        """Return the person that a face shows; None for one that was not seen before."""
        main = self._state.main
        own = main.likeness(look) if main is not None else 0.0
        person, likeness = self.people.most_like(look)
        clearly = likeness >= _CLEARLY_OTHER and likeness > own + _SURELY_MORE
        if person is not main and clearly:
            return person
        if main is not None and own >= (ANOTHER if near or not main.looks else SAME):
            return main
        return person if likeness >= SAME else None

    def _take(self, seen: _Seen, frame: int) -> None:
        """Follow a person from now on."""
        person = self.people.new() if seen.person is None else seen.person
        before, self._state.now = self._state.now, person
        if not self.people.is_followed(person):
            self.people.followed.append(person)
        if before is not None and before is not person:
            self._state.changes.append(Change(frame, before, person))
        person.remember(seen.look)

    # -- looking around -----------------------------------------------------------------------

    def look_around(
        self,
        image: NDArray[np.uint8],
        frame: int,
        followed: Landmarks | None,
        *,
        sudden: bool,
    ) -> Detection | None:
        """Look for all faces.

        Parameters
        ----------
        image
            (H, W) uint8 frame.
        frame
            Its number.
        followed
            Landmarks of the face that is followed; None if it is lost.
        sudden
            Whether the picture is suddenly another one, so that the face may be as well.

        Returns
        -------
        A face that should be followed in place of the present one; None to go on.
        """
        weigh = self.is_due(frame)
        if weigh:
            self._state.looked_at = frame
            self._state.looks += 1
        if weigh and (self.is_asked(frame) or self._is_fine(image, followed)):
            # Where smaller faces count, only looks that find them are weighed.
            weigh = self.is_asked(frame) or self._state.looks % _FINE_EVERY == 1
            finely = weigh
        else:
            finely = weigh and self._state.looks == 1 and not fills(image, followed)
        faces = (self._detector.detect_finely if finely else self._detector.detect)(image)
        if followed is None:
            return self._note_others(image, frame, faces, weigh=weigh, together=False)
        self._check_followed(image, frame, followed, sudden=sudden, weigh=weigh)
        mine = overlapping(faces, followed.box)
        rest = [face for face in faces if not any(face is other for other in mine)]
        return self._note_others(image, frame, rest, weigh=weigh, together=True)

    def _is_fine(self, image: NDArray[np.uint8], followed: Landmarks | None) -> bool:
        """Whether a face that matters may be too small to be found in the whole frame.

        So it is if the one that is followed is, or is a photograph, or one is asked for.
        """
        if followed is None or self._state.now is None:
            return False
        if not self._state.fine:
            small = float(np.ptp(followed.points[:, 0])) < FOUND_IN_WHOLE * max(image.shape)
            asked = self._choice.rule != "largest"
            self._state.fine = asked or small or self._state.now.patch.is_still
            if self._state.fine:
                self.people.weigh_anew()
                self._state.looks = 1  # the first one that is weighed is this one
        return self._state.fine

    def _check_followed(
        self,
        image: NDArray[np.uint8],
        frame: int,
        followed: Landmarks,
        *,
        sudden: bool,
        weigh: bool,
    ) -> None:
        """See whether the face that is followed is still that of the same person."""
        seen = _seen(image, followed)
        look = seen.look
        now = self._state.now
        if now is None:
            return
        own = now.likeness(look)
        other, likeness = self.people.most_like(
            look, [p for p in self.people.persons if p is not now]
        )
        if own < ANOTHER and (sudden or (likeness >= _CLEARLY_OTHER and len(now.looks) > 1)):
            seen.person = other if likeness >= SAME else None
            self._take(seen, frame)
        else:
            now.remember(look)
        self.quality.add(followed.points, seen.view)
        self._sight(image, frame, followed.box, self._state.now, weigh=weigh)

    def _note_others(
        self,
        image: NDArray[np.uint8],
        frame: int,
        faces: Sequence[Detection],
        *,
        weigh: bool,
        together: bool,
    ) -> Detection | None:
        """Remember the faces beside the followed one; return the one to follow instead, if any."""
        state, better = self._state, None
        for face in faces:
            person = self.people.at(face.box, frame, round(_WITHIN_LOOKS * self._every))
            if person is None or person is state.now or person is state.main:
                seen = self._measured(image, face, frame, None, careful=False)
                if seen is None:
                    continue
                person = seen.person if seen.person is not state.now else None
                person = person or self.people.new()
                person.remember(seen.look)
            self._sight(image, frame, face.box, person, weigh=weigh)
            if person is state.main:
                better = face
            elif together and state.now is state.main and not self.people.is_other(person):
                self.people.others.append(person)
        return better

    def _sight(
        self,
        image: NDArray[np.uint8],
        frame: int,
        box: NDArray[np.float64],
        person: Person | None,
        *,
        weigh: bool,
    ) -> None:
        if person is None:
            return
        weight = preference(box, image.shape) if weigh else 0.0
        person.sightings.append(Sighting(frame, box, weight))
        person.patch.look(image, box)


def _seen(image: NDArray[np.uint8], landmarks: Landmarks) -> _Seen:
    view = aligned_view(image, frame_face(landmarks.points))
    return _Seen(landmarks, view, look_of(view))
