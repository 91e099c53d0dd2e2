"""What is told of how the face of a video was followed, one line for each thing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_mespot.face.choice import FaceChoice
from napari_mespot.face.people import People, Person
from napari_mespot.face.tracker import FaceTracker
from napari_mespot.face.watch import Known

__all__ = ["cut_warnings", "followed_text", "missing_choice", "tracking_warnings"]

_FRAMES_NAMED = 8
_FEWEST_SEEN = 2


def followed_text(tracker: FaceTracker) -> str:
    """Say which face was followed: where it was at first, and how large; empty if none was."""
    box = tracker.counts.start_box
    if box is None:
        return ""
    width = tracker.watch.quality.width_px or float(box[2] - box[0])
    return f"{_place(box)} in frame {tracker.counts.start_frame}, {width:.0f} pixels wide"


def cut_warnings(cuts: Sequence[int]) -> tuple[str, ...]:
    """Say where the shots of a video begin."""
    if not cuts:
        return ()
    what = "1 cut" if len(cuts) == 1 else f"{len(cuts)} cuts"
    return (
        f"{what} between shots, at {_frames(cuts)}: nothing is compared across, and no "
        "expression goes on over a cut",
    )


def tracking_warnings(
    tracker: FaceTracker, choice: FaceChoice, known: Known | None
) -> tuple[str, ...]:
    """Say what is worth knowing of how a face was followed."""
    counts, watch = tracker.counts, tracker.watch
    if known is not None:
        texts = _instead(tracker, known)
    else:
        texts = [*_at_start(tracker, choice), *_others(watch.people)]
    texts += [
        f"from frame {change.frame} on another person is followed, "
        f"{_where(change.now, change.frame)}: nothing is compared across"
        for change in watch.changes
    ]
    if counts.losses:
        texts.append(f"the face was lost {counts.losses} time(s) and looked for again")
    if watch.seen_upside_down:
        texts.append(
            "a face is seen when the picture is turned by 180°: the video is upside down; turn "
            "it first (ffmpeg -i IN -vf hflip,vflip OUT)"
        )
    return (*texts, *watch.quality.warnings())


def missing_choice(people: People, choice: FaceChoice) -> str:
    """Say that the face asked for is not there, and which are."""
    rows = sorted(people.persons, key=lambda person: person.x if person.sightings else 0.0)
    seen = [
        f"{_place(p.sightings[0].box)} in frame {p.sightings[0].frame}" for p in rows if p.sightings
    ]
    return (
        f"expected a face for --face {choice}, but the faces seen are {len(seen)}: "
        f"{'; '.join(seen)}; choose one of them, counted from the left, or by its place"
    )


def _at_start(tracker: FaceTracker, choice: FaceChoice) -> list[str]:
    counts = tracker.counts
    if counts.faces_at_start < 2 or counts.start_box is None:
        return []
    why = (
        "the largest and most central one"
        if choice.rule == "largest"
        else f"the one asked for ({choice})"
    )
    return [
        f"{counts.faces_at_start} faces in frame {counts.start_frame}: kept {why}, "
        f"at {_place(counts.start_box)}"
    ]


def _instead(tracker: FaceTracker, known: Known) -> list[str]:
    """Say that the first face seen is not the one that was followed."""
    other = known.people.followed[0]
    if not other.sightings or tracker.counts.start_box is None:
        return []
    first = other.sightings[0]
    what = "a picture of a face (it never moves)" if other.patch.is_still else "another face"
    return [
        f"the face followed is that at {_place(tracker.counts.start_box)}, from frame "
        f"{tracker.counts.start_frame} on; {what}, seen in frame {first.frame} at "
        f"{_place(first.box)}, is not followed"
    ]


def _others(people: People) -> list[str]:
    """Say that other faces came up after the first frame and are not followed."""
    if not people.followed:
        return []
    main = people.followed[0]
    came = [
        person
        for person in people.others
        if person.n_seen >= _FEWEST_SEEN
        and person.sightings[0].frame > main.sightings[0].frame
        and not people.is_followed(person)
    ]
    if not came:
        return []
    first = min(came, key=lambda person: person.sightings[0].frame).sightings[0]
    more = f" (and {len(came) - 1} more)" if len(came) > 1 else ""
    size, own = first.weight, _weight_at(main, first.frame)
    larger = "a larger or more central" if size > own > 0 else "another"
    return [
        f"{larger} face is seen from frame {first.frame} on, at {_place(first.box)}{more}, and is "
        "not followed; choose it with --face if it should be"
    ]


def _weight_at(person: Person, frame: int) -> float:
    return next((s.weight for s in person.sightings if s.frame == frame), 0.0)


def _where(person: Person, frame: int) -> str:
    sighting = next((s for s in person.sightings if s.frame >= frame), None)
    return f"at {_place(sighting.box)}" if sighting is not None else "in the same place"


def _place(box: NDArray[np.float64]) -> str:
    left, top, right, bottom = (round(float(value)) for value in box)
    return f"x {left}-{right}, y {top}-{bottom}"


def _frames(frames: Sequence[int]) -> str:
    named = ", ".join(str(frame) for frame in frames[:_FRAMES_NAMED])
    more = f" and {len(frames) - _FRAMES_NAMED} more" if len(frames) > _FRAMES_NAMED else ""
    return f"frame{'s' if len(frames) > 1 else ''} {named}{more}"
