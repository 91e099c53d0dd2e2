"""Tables of BORIS: tabular events (one row per entry) and aggregated events (one per interval).

Both are read, separated by commas or tabs; tabular events are written.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.assembling import media_beside, stated_rate
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.boris_entries import (
    POINT,
    START,
    STOP,
    Entry,
    Observation,
    description_of,
    entries_of,
)
from napari_mespot.io.cells import escaped, restored
from napari_mespot.io.delimited import Record, Sheet, column_key, csv_line, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.tiers import parse_tier
from napari_mespot.io.times import ClockFinder, clock_to_write, parse_seconds
from napari_mespot.model import Annotation, same_video, video_name

__all__ = ["boris_tabular_content", "read_boris_tabular", "write_boris_tabular"]

_COLUMNS = (
    "Observation id",
    "Observation date",
    "Description",
    "Observation type",
    "Source",
    "Media duration (s)",
    "FPS",
    "Subject",
    "Behavior",
    "Behavioral category",
    "Behavior type",
    "Time",
    "Media file name",
    "Image index",
    "Comment",
)
_NOBODY = "no focal subject"
_Cells = dict[str, str]


def write_boris_tabular(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write the expressions of one or several videos as tabular events.

    A video without expressions leaves no row.

    Raises
    ------
    OutputError
        If the file cannot be written, or a video has no frame rate or more than 1000 frames
        per second.
    """
    content = boris_tabular_content(Path(path), tuple(annotations))
    with atomic_write(path) as file:
        file.write(content)


def boris_tabular_content(
    path: Path, annotations: Sequence[Annotation], existing: bytes | None = None
) -> bytes:
    """Return the table that :func:`write_boris_tabular` writes; raises what that raises.

    Parameters
    ----------
    path, existing
        A file that holds something already. Its rows stay, but for those of the behaviours of
        ours of the same videos; it must have the columns that are written.
    annotations
        One per video.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    lines = [csv_line(_COLUMNS, delimiter)]
    if existing is not None:
        lines += _rows_of_others(path, annotations, delimiter)
    for annotation in annotations:
        media = media_beside(path, annotation.video_id) or annotation.video_id
        clock = clock_to_write(annotation, "BORIS", in_milliseconds=True)
        n_frames = annotation.n_frames
        facts = {
            "Observation id": annotation.video_id,
            "Observation date": now,
            "Description": description_of(annotation),
            "Observation type": "Media file",
            "Source": f"player #1:{media}",
            "Media file name": media,
            "FPS": f"{float(clock.rate):.6f}".rstrip("0").rstrip("."),
            "Media duration (s)": f"{float(clock.second_of(n_frames)):.3f}" if n_frames else "",
        }
        for entry in entries_of(annotation):
            cells = facts | {
                "Subject": entry.subject or "No focal subject",
                "Behavior": entry.code,
                "Behavior type": entry.what,
                "Time": f"{float(entry.time_s):.3f}",
                "Image index": str(entry.frame),
                "Comment": entry.comment,
            }
            lines.append(csv_line((escaped(cells.get(name, "")) for name in _COLUMNS), delimiter))
    return encoded("".join(lines))


def _rows_of_others(path: Path, annotations: Sequence[Annotation], delimiter: str) -> Iterator[str]:
    try:
        sheet = read_sheet(path, tuple(map(column_key, _COLUMNS)))
        if len(sheet.columns) != len(_COLUMNS):
            raise AnnotationFormatError(f"it has {len(sheet.columns)} columns")
    except AnnotationFormatError as error:
        raise OutputError(
            f"{path}: expected tabular events with {len(_COLUMNS)} columns to put rows into, got "
            f"another file ({error}); write another file, or say --replace to start this one anew"
        ) from None
    keys = {column_key(c): c for c in sheet.columns}
    for row in sheet.records:
        cells = {key: restored(row.cells[c].strip()) for key, c in keys.items()}
        video = video_name(cells["media file name"]) or cells["observation id"]
        is_ours = parse_tier(cells["behavior"]) is not None
        if not (is_ours and any(same_video(a.video_id, video) for a in annotations)):
            yield csv_line((row.cells[keys[column_key(n)]] for n in _COLUMNS), delimiter)


def read_boris_tabular(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read tabular or aggregated events: the behaviours named ``ME`` or ``MaE``.

    Parameters
    ----------
    path
        The table.
    frame_rate
        Frames per second in place of those that the table states, or what finds the clock of
        a video.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One for each observation and subject that has a row.

    Raises
    ------
    AnnotationFormatError
        If the file is no such table, a cell cannot be read, an observation has no behaviour
        of ours, or its frame rate is unknown.
    """
    path = Path(path)
    sheet = read_sheet(path, ("Behavior".casefold(),))
    names = {column_key(column) for column in sheet.columns}
    is_aggregated = {"start (s)", "stop (s)"} <= names
    if not is_aggregated and not {"behavior type", "time"} <= names:
        raise AnnotationFormatError(
            f"{path}: expected the columns Behavior type and Time, or Start (s) and Stop (s), got "
            f"{', '.join(sheet.columns[:12])}; export tabular or aggregated events"
        )
    observations = _observations(sheet, is_aggregated=is_aggregated)
    return tuple(a for o in observations for a in o.annotations(path, frame_rate, notice))


def _observations(sheet: Sheet, *, is_aggregated: bool) -> list[Observation]:
    observations: dict[tuple[str, str], Observation] = {}
    keys = {column: column_key(column) for column in sheet.columns if column}
    for row in sheet.records:
        cells = {keys[column]: restored(text.strip()) for column, text in row.cells.items()}
        media = cells.get("media file name") or cells.get("media file") or ""
        name = cells.get("observation id", "")
        video = video_name(media) or name or sheet.path.stem
        observation = observations.setdefault((name, video), Observation(video))
        observation.description = cells.get("description", "")
        observation.stated_rate = stated_rate(cells.get("fps"))
        observation.entries += _pair(row, cells) if is_aggregated else [_entry(row, cells)]
    return list(observations.values())


def _entry(row: Record, cells: _Cells) -> Entry:
    """Return the entry of a row of tabular events."""
    what = cells["behavior type"].upper()
    if what not in {START, STOP, POINT}:
        raise row.error(
            "Behavior type", f"expected START, STOP or POINT, got {cells['behavior type'][:40]!r}"
        )
    return _made(row, cells, "time", what, cells.get("comment", ""))


def _pair(row: Record, cells: _Cells) -> list[Entry]:
    """Return the entries of a row of aggregated events."""
    start, comment = "start (s)", cells.get("comment start", "") or cells.get("comment", "")
    if cells.get("behavior type", "").upper() == POINT:
        return [_made(row, cells, start, POINT, comment)]
    return [
        _made(row, cells, start, START, comment),
        _made(row, cells, "stop (s)", STOP, ""),
    ]


def _made(row: Record, cells: _Cells, column: str, what: str, comment: str) -> Entry:
    try:
        time = parse_seconds(cells[column])
    except ValueError as error:
        raise row.error(column, f"{error}; correct the cell") from None
    subject = clean(cells.get("subject", ""))
    return Entry(
        time,
        cells["behavior"],
        comment=comment,
        what=what,
        subject="" if subject.casefold() == _NOBODY else subject,
        modifiers="|".join(v for name, v in cells.items() if name.startswith("modifier")),
    )
