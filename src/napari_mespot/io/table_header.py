"""The comment rows above our table of intervals.

They are rows of the CSV themselves, so that a spreadsheet that opens and saves the file
keeps them.
"""

from collections.abc import Mapping, Sequence
from itertools import count, takewhile
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.cells import (
    parse_frame,
    parse_ranges,
    parse_rate,
    ranges_text,
    rate_text,
    restored,
)
from napari_mespot.io.clock_text import clock_text, parse_clock
from napari_mespot.io.delimited import Sheet
from napari_mespot.model import Annotation

__all__ = [
    "CONVERTED_MARK",
    "RESULT_MARK",
    "first_cells",
    "header_cells",
    "is_ours",
    "read_headers",
]

_VERSION = 1
_MARK, _VIDEO = "# mespot intervals", "# video"
#: First cells of the rows that say what a table is as long as nobody has changed it.
RESULT_MARK, CONVERTED_MARK = "# result", "# converted"
# Spreadsheets cut cells at 32,767 characters.
_CELL = 30_000


def first_cells() -> list[str]:
    """Return the first row: which format this is."""
    return [_MARK, "version", str(_VERSION)]


def header_cells(annotation: Annotation) -> list[str]:
    """Return the comment row of one video, not yet escaped."""
    n_frames = annotation.n_frames
    times = clock_text(annotation.clock)
    chunks = [times[start : start + _CELL] for start in range(0, len(times), _CELL)]
    return [
        _VIDEO,
        annotation.video_id,
        "subject",
        annotation.subject_id,
        "frames",
        "" if n_frames is None else str(n_frames),
        "fps",
        rate_text(annotation.frame_rate),
        "reviewed",
        ranges_text(annotation.reviewed),
        *(cell for number, chunk in enumerate(chunks) for cell in (_times_name(number), chunk)),
    ]


def is_ours(cells: Sequence[str]) -> bool:
    """Whether a comment row is one that this program writes."""
    return cells[0].strip() in {_MARK, _VIDEO, RESULT_MARK, CONVERTED_MARK}


def read_headers(sheet: Sheet) -> tuple[Annotation, ...] | None:
    """Return the videos that the comment rows name, without expressions.

    Returns
    -------
    tuple of Annotation, or None
        None if the file does not say that it is one of ours.

    Raises
    ------
    AnnotationFormatError
        If a row cannot be read, a video comes twice or the version is a later one.
    """
    if not sheet.comments or sheet.comments[0][1][0].strip() != _MARK:
        return None
    _check_version(sheet.path, *sheet.comments[0])
    videos: dict[tuple[str, str], Annotation] = {}
    for row, cells in sheet.comments[1:]:
        if cells[0].strip() != _VIDEO:
            continue
        try:
            video = _video(cells)
        except ValueError as error:
            raise AnnotationFormatError(
                f"{sheet.path}, row {row}, comment of a video: {error}; correct it"
            ) from None
        key = (video.video_id, video.subject_id)
        if key in videos:
            raise AnnotationFormatError(
                f"{sheet.path}, row {row}: expected each video once, got {key[0]!r} twice; "
                "remove one of the comment rows"
            )
        videos[key] = video
    return tuple(videos.values())


def _check_version(path: Path, row: int, cells: Sequence[str]) -> None:
    version = _pairs(cells[1:]).get("version", "").strip()
    if version != str(_VERSION):
        raise AnnotationFormatError(
            f"{path}, row {row}: expected a table of version {_VERSION}, got {version!r}; "
            "update napari-mespot"
        )


def _video(cells: Sequence[str]) -> Annotation:
    """Read the comment row of one video; raise ValueError if it cannot be read."""
    name = restored(cells[1]) if len(cells) > 1 else ""
    if not name:
        raise ValueError("expected the name of a video, got none")
    pairs = _pairs(cells[2:])
    n_frames = pairs.get("frames", "").strip()
    return Annotation(
        name,
        n_frames=parse_frame(n_frames) if n_frames else None,
        reviewed=parse_ranges(pairs.get("reviewed", "")),
        subject_id=restored(pairs.get("subject", "")),
    ).with_clock(parse_clock(_times(pairs), parse_rate(pairs.get("fps", ""))))


def _times(pairs: Mapping[str, str]) -> str:
    """Join the cells that hold the times of the frames."""
    chunks = takewhile(bool, (pairs.get(_times_name(number), "").strip() for number in count()))
    return "".join(chunks)


def _times_name(number: int) -> str:
    return f"times{number + 1}" if number else "times"


def _pairs(cells: Sequence[str]) -> dict[str, str]:
    """Read cells that alternate between name and value."""
    return dict(zip(cells[::2], cells[1::2], strict=False))
