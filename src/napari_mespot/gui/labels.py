"""Intervals from a file for a video under review, and whether they are of this video at all.

Labels of another video, with their reviewed ranges, look as good as its own and are learned from
as its own. So whatever brings them in (menu, drop, command line) asks :func:`read_labels` or
:func:`doubt_of` first, and adds what is in doubt only when a person says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.gui.history import OPENED
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.io.dispatch import read_annotations
from napari_mespot.io.notices import Notice
from napari_mespot.model import Annotation, same_rate, same_video

__all__ = ["Labels", "add_labels", "doubt_of", "read_labels"]


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says of the video under review, or of the only one that it knows.

    Parameters
    ----------
    path
        The file.
    annotation
        Its intervals and reviewed ranges.
    doubt
        Why it may be of another video; empty if it is of this one.
    notices
        What reading it gave to know.
    """

    path: Path
    annotation: Annotation
    doubt: str = ""
    notices: tuple[str, ...] = ()


def read_labels(path: Path, review: Review) -> Labels:
    """Read a file of intervals of any known format, for a review.

    Raises
    ------
    AnnotationFormatError
        If it cannot be read, reaches past the end of the video, or is of several other videos.
    """
    notices: list[str] = []
    found = _read(path, review, notices.append)
    annotation = _of_video(found, path, review.video_id, notices.append)
    review.with_annotation(annotation)  # says what does not fit before anybody is asked
    return Labels(path, annotation, doubt_of(annotation, review), tuple(notices))


def doubt_of(annotation: Annotation, review: Review) -> str:
    """Say in a sentence that intervals are of another video; empty if name and length agree."""
    agrees = annotation.n_frames in {None, review.n_frames}
    if agrees and same_video(annotation.video_id, review.video_id):
        return ""
    its = _named(annotation.video_id, annotation.n_frames)
    n, ranges = len(annotation.expressions), len(annotation.reviewed)
    holds = f"{n} interval{'s' * (n != 1)}"
    holds += f" and {ranges} reviewed range{'s' * (ranges != 1)}" if ranges else ""
    return (
        f"made for {its}, but this video is {_named(review.video_id, review.n_frames)}; "
        f"it holds {holds}"
    )


def add_labels(session: Session, labels: Labels) -> tuple[str, ...]:
    """Add intervals to a session, as one step; return texts for the user.

    Intervals that are there already, and predictions that a person has worked on since, are
    not added again.
    """
    review, annotation, path = session.review, labels.annotation, labels.path
    changed = review.with_annotation(annotation)
    n_new = len(changed.items) - len(review.items)
    session.commit(changed, f"{OPENED}{path.name}")
    text = f"{path.name}: {n_new} of {len(annotation.expressions)} intervals are new here"
    rate = annotation.frame_rate
    if rate is not None and not same_rate(rate, review.frame_rate):
        text += (
            f"; the table says {float(rate):.5g} fps and the video "
            f"{float(review.frame_rate):.5g}: the frames are taken as they are"
        )
    return (*(NoticeLine(line, "warning") for line in labels.notices), NoticeLine(text))


def _named(video_id: str, n_frames: int | None) -> str:
    return video_id if n_frames is None else f"{video_id} ({n_frames:,} frames)"


def _read(path: Path, review: Review, notice: Notice) -> tuple[Annotation, ...]:
    """Read any known file of intervals; files in seconds are read by the times of the video."""
    return read_annotations(path, clocks=lambda video_id: review.clock, notice=notice)


def _together(annotations: Sequence[Annotation], path: Path, notice: Notice) -> Annotation:
    """Return what several people have coded of one video, or what was coded of several, as one."""
    first, *others = annotations
    if not others:
        return first
    people = [a.subject_id or next((e.coder for e in a.expressions), "") for a in annotations]
    whose = f" ({', '.join(dict.fromkeys(filter(None, people)))})" if any(people) else ""
    notice(f"{path}: {len(annotations)} annotations of this video{whose} were taken together")
    return replace(
        first,
        n_frames=max((a.n_frames for a in annotations if a.n_frames is not None), default=None),
        expressions=tuple(e for a in annotations for e in a.expressions),
        reviewed=tuple(r for a in annotations for r in a.reviewed),
    )


def _of_video(
    annotations: tuple[Annotation, ...], path: Path, video_id: str, notice: Notice
) -> Annotation:
    """Return what a file says of a video: under its name, or of the only one there is."""
    own = [a for a in annotations if same_video(a.video_id, video_id)]
    if own or len(annotations) == 1:
        return _together(own or annotations, path, notice)
    raise AnnotationFormatError(
        f"{path}: expected intervals of {video_id}, got "
        f"{', '.join(a.video_id for a in annotations[:5]) or 'none'}; check the column video"
    )
