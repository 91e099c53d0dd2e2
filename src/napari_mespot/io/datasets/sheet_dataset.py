"""From the rows of a label sheet and the folders of frames to videos with labels."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from napari_mespot.io.datasets.dataset import DatasetVideo, LabelProblem, MissingOffset
from napari_mespot.io.datasets.frame_numbers import FrameNumbers, frame_numbers, placed
from napari_mespot.io.datasets.mending import Span, mended
from napari_mespot.io.datasets.raw_label import RawLabel, SheetLabels, SheetLayout, VideoKey
from napari_mespot.io.datasets.survey import Media
from napari_mespot.model import Annotation, Expression, Interval

__all__ = ["Measure", "VideoLabels", "chosen_media", "labelled_video", "labelled_videos"]

#: Returns the number of frames of a video file and its frame rate; None if it cannot be read.
Measure = Callable[[Path], tuple[int, Fraction] | None]


@dataclass(slots=True)
class VideoLabels:
    """The labels of one video as they are put together."""

    expressions: list[Expression] = field(default_factory=list)
    non_expressions: list[Interval] = field(default_factory=list)


def by_video(labels: Iterable[RawLabel]) -> dict[VideoKey, list[RawLabel]]:
    """Group rows by subject and video, in order."""
    groups: dict[VideoKey, list[RawLabel]] = defaultdict(list)
    for label in labels:
        groups[label.key].append(label)
    return dict(sorted(groups.items(), key=lambda item: natural(item[0])))


def natural(key: VideoKey) -> tuple[tuple[int, str], ...]:
    """Order names by the numbers in them: ``s2`` before ``s10``."""
    out: list[tuple[int, str]] = []
    for text in key:
        digits = "".join(c if c.isdigit() else " " for c in text).split()
        out += [(int(number), "") for number in digits] + [(-1, text)]
    return tuple(out)


def labelled_video(
    rows: Sequence[RawLabel],
    frames: FrameNumbers | None,
    missing_offset: MissingOffset,
    source: str,
    problems: list[LabelProblem],
) -> VideoLabels:
    """Mend and place the rows of one video.

    Parameters
    ----------
    rows
        All of one video.
    frames
        Its files; None if they are unknown.
    missing_offset
        What to take for an unknown offset.
    source
        Name of the data set.
    problems
        Gets what was mended.
    """
    video = VideoLabels()
    for row in rows:
        span: Span | None = mended(row, missing_offset, problems)
        place = None if span is None else placed(row, span, frames, problems)
        if place is None:
            continue
        interval, apex = place
        if row.kind is None:
            video.non_expressions.append(interval)
        else:
            video.expressions.append(_expression(row, interval, apex, source))
    return video


def _expression(row: RawLabel, interval: Interval, apex: int | None, source: str) -> Expression:
    assert row.kind is not None  # noqa: S101  (the caller has looked)
    return Expression(
        interval,
        row.kind,
        apex=apex,
        source=source,
        action_units=row.action_units,
        emotion=row.emotion,
        notes=row.notes,
        extras=row.raw_extras,
    )


def chosen_media(
    layout: SheetLayout, media: Iterable[Media], near: Path, problems: list[LabelProblem]
) -> dict[VideoKey, Media]:
    """Choose one folder or file for each video of a data set.

    Whole frames before cropped ones (the face is aligned here), those beside the sheet before
    others, folders before files.
    """
    candidates: dict[VideoKey, list[Media]] = defaultdict(list)
    for item in media:
        key = layout.key_of(item.parts)
        if key is not None:
            candidates[key].append(item)
    chosen = {}
    for key, items in candidates.items():
        items.sort(
            key=lambda m: (m.cropped, not m.path.is_relative_to(near), not m.is_folder, m.path)
        )
        chosen[key] = items[0]
        if len(items) > 1:
            raw, remedy = f"{len(items)} copies", f"{items[0].path} is taken"
            problems.append(LabelProblem(key[1], None, "a video lies in one place", raw, remedy))
    return dict(sorted(chosen.items(), key=lambda item: natural(item[0])))


@dataclass(frozen=True, slots=True)
class SheetReading:
    """How the rows of a sheet become videos: of which data set, and by which choices."""

    layout: SheetLayout
    frame_rate: Fraction
    missing_offset: MissingOffset
    measure: Measure | None = None


def labelled_videos(
    reading: SheetReading,
    sheet: SheetLabels,
    media: dict[VideoKey, Media],
    problems: list[LabelProblem],
) -> list[DatasetVideo]:
    """Return the videos that have frames; rows without any become problems."""
    rows = by_video(sheet.labels)
    for key in (key for key in rows if key not in media):
        problems += [
            row.problem("the video has frames", key[1], "the row is left out") for row in rows[key]
        ]
    return [_video(reading, key, item, rows.get(key, []), problems) for key, item in media.items()]


def _video(
    reading: SheetReading,
    key: VideoKey,
    item: Media,
    rows: list[RawLabel],
    problems: list[LabelProblem],
) -> DatasetVideo:
    first = rows[0].first if rows else None
    frames = _frames(item, reading.measure, first)
    if item.is_folder and frames is not None:
        problems += frames.problems(key[1], first)
    labels = labelled_video(rows, frames, reading.missing_offset, reading.layout.name, problems)
    n_frames = None if frames is None else len(frames.numbers)
    annotation = Annotation(
        key[1],
        n_frames=n_frames,
        frame_rate=reading.frame_rate,
        expressions=tuple(labels.expressions),
        reviewed=(Interval(0, n_frames - 1),) if n_frames else (),
        subject_id=key[0],
    )
    if n_frames is None:
        raw = item.path.name
        problems.append(
            LabelProblem(key[1], None, "the length is known", raw, "no frame counts as reviewed")
        )
    return DatasetVideo(item.path, annotation, tuple(sorted(labels.non_expressions)))


def _frames(item: Media, measure: Measure | None, first: int | None) -> FrameNumbers | None:
    if item.is_folder:
        return frame_numbers(item.path)
    measured = None if measure is None else measure(item.path)
    if measured is None:
        return None
    start = first or 0
    return FrameNumbers(tuple(range(start, start + measured[0])))
