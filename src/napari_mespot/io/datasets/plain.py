"""A laboratory's own folder: videos, with tables of intervals in this project's form."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.datasets.dataset import DatasetVideo, LabelProblem
from napari_mespot.io.datasets.frame_numbers import frame_numbers
from napari_mespot.io.datasets.sheet_dataset import Measure, natural
from napari_mespot.io.datasets.survey import Media, Survey
from napari_mespot.io.table import read_table
from napari_mespot.model import Annotation

__all__ = ["plain_videos", "read_tables"]

_SUBJECT = re.compile(r"[A-Za-z]*\d+(?=[_\-. ]|$)|[^_\-. ]+")
_REQUIRED = frozenset({"video", "kind", "onset", "offset"})
_LOOKED_AT = 1 << 16


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What one table says of one video."""

    table: Path
    annotation: Annotation


def read_tables(
    tables: Iterable[Path], problems: list[LabelProblem]
) -> dict[str, list[TableEntry]]:
    """Read all tables of intervals, by name of video; other CSVs are passed over.

    A table that cannot be read becomes a problem and does not stop the others.
    """
    entries: dict[str, list[TableEntry]] = defaultdict(list)
    for path in tables:
        if not _looks_like_ours(path):
            continue
        try:
            annotations = read_table(path)
        except AnnotationFormatError as error:
            problems.append(
                LabelProblem(path.name, None, "tables can be read", str(error), "it is left out")
            )
            continue
        for annotation in annotations:
            entries[Path(annotation.video_id).name].append(TableEntry(path, annotation))
    return dict(entries)


def _looks_like_ours(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            text = file.read(_LOOKED_AT).decode("utf-8-sig", errors="replace")
    except OSError:
        return False
    cells = (re.split(r"[,;\t]", line) for line in text.splitlines()[:100_000])
    return any({c.strip().strip('"').lower() for c in row} >= _REQUIRED for row in cells)


def plain_videos(
    survey: Survey, measure: Measure | None, problems: list[LabelProblem]
) -> list[DatasetVideo]:
    """Return all videos of a folder, those without a table as not looked at.

    Parameters
    ----------
    survey
        What lies in the folder.
    measure
        Returns length and frame rate of a video file, where the table does not say them.
    problems
        Gets what was odd.
    """
    entries = read_tables(survey.tables, problems)
    used: set[str] = set()
    videos = []
    for item in survey.media:
        name = _entry_name(item, entries)
        used |= {name} if name is not None else set()
        said = _said_here(item, entries.get(name, []) if name is not None else [])
        if len({e.annotation.subject_id for e in said} - {""}) > 1:
            said = _of_one_subject(item, said, problems)
        videos.append(_video(item, said, measure, problems))
    for name in sorted(entries.keys() - used):
        problems += list(_without_video(name, entries[name]))
    return sorted(videos, key=lambda v: natural((v.subject, v.annotation.video_id)))


def _entry_name(item: Media, entries: dict[str, list[TableEntry]]) -> str | None:
    names = (item.name, item.path.name, item.path.stem)
    return next((name for name in names if name in entries), None)


def _said_here(item: Media, said: list[TableEntry]) -> list[TableEntry]:
    """Keep the tables of this folder, where several folders have a video of this name."""
    near = [entry for entry in said if entry.table.parent == item.path.parent]
    return near or said


def _of_one_subject(
    item: Media, said: list[TableEntry], problems: list[LabelProblem]
) -> list[TableEntry]:
    """Keep what is said of the subject whose name is in the path, else of the first one."""
    subjects = [entry.annotation.subject_id for entry in said]
    meant = next((s for s in subjects if s and s in item.path.parts), subjects[0] or subjects[1])
    if meant not in item.path.parts:
        problems.append(
            LabelProblem(
                item.name,
                None,
                "a video has one subject",
                ", ".join(sorted(set(subjects))),
                f"{meant} is taken; put the videos of each subject into a folder of its name",
            )
        )
    return [entry for entry in said if entry.annotation.subject_id in {meant, ""}]


def _without_video(name: str, said: Sequence[TableEntry]) -> Iterator[LabelProblem]:
    for entry in said:
        n = len(entry.annotation.expressions)
        raw, remedy = f"{name}, {n} labels", "they are left out"
        yield LabelProblem(entry.table.name, None, "the video has frames", raw, remedy)


def _video(
    item: Media,
    said: Sequence[TableEntry],
    measure: Measure | None,
    problems: list[LabelProblem],
) -> DatasetVideo:
    annotation = _joined(item, [entry.annotation for entry in said], problems)
    if item.is_folder:
        frames = frame_numbers(item.path)
        problems += frames.problems(item.name, None)
        annotation = _with_length(annotation, len(frames.numbers), problems)
    else:
        measured = None if measure is None else measure(item.path)
        if measured is not None:
            annotation = _with_length(annotation, measured[0], problems)
            annotation = replace(annotation, frame_rate=annotation.frame_rate or measured[1])
    if not annotation.subject_id:
        match = _SUBJECT.match(item.name)
        subject = match[0] if match else item.name
        problems.append(
            LabelProblem(
                item.name,
                None,
                "the table names the subject",
                "empty",
                f"{subject} is taken from the file name",
            )
        )
        annotation = replace(annotation, subject_id=subject)
    if annotation.expressions and not annotation.reviewed:
        raw, remedy = "none", "nothing outside the labels counts as absent"
        problems.append(
            LabelProblem(item.name, None, "the table says what was reviewed", raw, remedy)
        )
    return DatasetVideo(item.path, annotation)


def _joined(item: Media, said: Sequence[Annotation], problems: list[LabelProblem]) -> Annotation:
    """Put together what several tables say; equal expressions count once."""
    if not said:
        return Annotation(item.name)
    if len(said) > 1:
        raw, remedy = f"{len(said)} tables", "all their expressions are taken"
        problems.append(LabelProblem(item.name, None, "a video has one table", raw, remedy))
    lengths = [a.n_frames for a in said if a.n_frames is not None]
    return Annotation(
        item.name,
        n_frames=max(lengths) if lengths else None,
        frame_rate=next((a.frame_rate for a in said if a.frame_rate is not None), None),
        expressions=tuple(dict.fromkeys(e for a in said for e in a.expressions)),
        reviewed=tuple(r for a in said for r in a.reviewed),
        subject_id=next((a.subject_id for a in said if a.subject_id), ""),
    )


def _with_length(annotation: Annotation, n_frames: int, problems: list[LabelProblem]) -> Annotation:
    """Take the length of the frames themselves, and cut what lies behind it."""
    if annotation.n_frames not in {None, n_frames}:
        raw = f"table {annotation.n_frames}, frames {n_frames}"
        problems.append(
            LabelProblem(
                annotation.video_id,
                None,
                "table and video have one length",
                raw,
                f"{n_frames} is taken",
            )
        )
    expressions = []
    for e in annotation.expressions:
        interval = e.interval.clipped(n_frames)
        if interval != e.interval:
            raw, remedy = f"{e.kind} {e.onset}..{e.offset}", "cut" if interval else "left out"
            rule = "offset is a frame of the video"
            problems.append(LabelProblem(annotation.video_id, None, rule, raw, f"it is {remedy}"))
        if interval is not None:
            apex = e.apex if e.apex is not None and e.apex in interval else None
            expressions.append(replace(e, interval=interval, apex=apex))
    clipped = (r.clipped(n_frames) for r in annotation.reviewed)
    return replace(
        annotation,
        n_frames=n_frames,
        expressions=tuple(expressions),
        reviewed=tuple(r for r in clipped if r is not None),
    )
