"""Writing tables of BORIS: tabular events, one row per event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.assembling import media_beside
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.boris_entries import description_of, entries_of
from napari_mespot.io.cells import escaped, restored
from napari_mespot.io.delimited import column_key, csv_line, read_sheet
from napari_mespot.io.encoding import encoded
from napari_mespot.io.tiers import parse_tier
from napari_mespot.io.times import clock_to_write
from napari_mespot.model import Annotation, same_video, video_name

__all__ = ["boris_tabular_content", "write_boris_tabular"]

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
