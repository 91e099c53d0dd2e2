"""What we write into BORIS projects and BORIS tables alike: entries, and a description.

A state event is a pair of entries, START and STOP. Behaviours are named as our tiers are
(``ME``, ``MaE``, ``ME_apex`` …); coder and source stand in the comment, and what BORIS has no
place for in the description of the observation::

    mespot fps=30 frames=300 reviewed=0..99 200..299
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from napari_mespot.io.boris_events import POINT, START, STOP
from napari_mespot.io.cells import parse_frame, parse_ranges, parse_rate, ranges_text, rate_text
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.merging import beside
from napari_mespot.io.tiers import lanes
from napari_mespot.io.times import (
    MILLISECOND,
    clock_to_write,
    milliseconds,
    start_stop,
)
from napari_mespot.model import Annotation

__all__ = [
    "Entry",
    "described_video",
    "description_of",
    "entries_of",
    "states_times",
    "with_description",
]

_DESCRIPTION = re.compile(
    r"mespot fps=(\S*) frames=(\d*) reviewed=([\d. ]*)(?:times=(\S+))?", re.ASCII
)
# People see the description; the times of an uneven video may be a long text.
_LONGEST_TIMES = 1000
_TIMES_OF_THE_VIDEO = "video"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One line of an observation.

    Parameters
    ----------
    time_s
        When.
    code
        The behaviour.
    comment
        Free text.
    what
        ``START``, ``STOP`` or ``POINT``; empty if the file leaves it to counting.
    frame
        The frame that begins then; -1 if unknown.
    subject, modifiers
        Entries that differ in them are no pair.
    """

    time_s: Fraction
    code: str
    comment: str = ""
    what: str = ""
    frame: int = -1
    subject: str = ""
    modifiers: str = ""


def entries_of(
    annotation: Annotation, *, taken: Iterable[str] = (), subject: str | None = None
) -> list[Entry]:
    """Return the entries of one video, in order of time.

    Parameters
    ----------
    annotation
        The video.
    taken
        Behaviours that are used for something else.
    subject
        Who is observed, where it is not the subject of the video.

    Raises
    ------
    OutputError
        If the video has no frame rate, or more than 1000 frames per second.
    """
    clock = clock_to_write(annotation, "BORIS", in_milliseconds=True)
    entries = []

    def add(time: Fraction, *rest: str, frame: int) -> None:
        code, comment, what = rest
        rounded = milliseconds(time) * MILLISECOND
        who = annotation.subject_id if subject is None else subject
        entries.append(Entry(rounded, code, comment, what, frame, who))

    for lane in beside(lanes(annotation, owners=False), taken):
        code, apex = lane.tier.name(), lane.tier.name(apex=True)
        for e, text in lane.labelled():
            start, stop = start_stop(e.interval, clock)
            add(start, code, text, START, frame=e.onset)
            add(stop, code, "", STOP, frame=e.offset + 1)
            if e.apex is not None:
                add(clock.second_of(e.apex), apex, "", POINT, frame=e.apex)
    # Where one interval ends as the next begins, its STOP has no comment and so comes first.
    return sorted(entries)


def description_of(annotation: Annotation) -> str:
    """Return the description of an observation."""
    frames = "" if annotation.n_frames is None else annotation.n_frames
    ranges = ranges_text(annotation.reviewed)
    text = f"mespot fps={rate_text(annotation.frame_rate)} frames={frames} reviewed={ranges}"
    times = clock_text(annotation.clock, ",")
    if len(times) > _LONGEST_TIMES:
        times = _TIMES_OF_THE_VIDEO
    return text + (f" times={times}" if times else "")


def with_description(text: str, description: str) -> str:
    """Return a description in which what this program says of the video is up to date."""
    if _DESCRIPTION.search(text):
        return _DESCRIPTION.sub(lambda match: description, text, count=1)
    return f"{text.rstrip()}\n{description}".lstrip()


def described_video(description: str, video_id: str) -> Annotation | None:
    """Return what :func:`description_of` wrote, without expressions; None if it did not.

    Its clock is None where the description leaves it to the video.
    """
    match = _DESCRIPTION.search(description)
    if match is None:
        return None
    is_elsewhere = match[4] == _TIMES_OF_THE_VIDEO
    try:
        return Annotation(
            video_id,
            n_frames=parse_frame(match[2]) if match[2] else None,
            reviewed=parse_ranges(match[3]),
        ).with_clock(None if is_elsewhere else parse_clock(match[4] or "", parse_rate(match[1])))
    except ValueError:  # somebody has edited it
        return None


def states_times(description: str) -> bool:
    """Whether a description says that the frames of the video have times of their own."""
    match = _DESCRIPTION.search(description)
    return match is not None and bool(match[4])
