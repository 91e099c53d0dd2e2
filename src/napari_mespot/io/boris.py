"""BORIS projects (``.boris``): JSON with an ethogram and one observation for each video."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import media_beside
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.boris_entries import Entry, description_of, entries_of
from napari_mespot.io.boris_events import POINT
from napari_mespot.io.seal import OPEN_SEAL, sealed
from napari_mespot.io.times import clock_to_write
from napari_mespot.model import Annotation

__all__ = [
    "boris_content",
    "boris_document",
    "boris_observation",
    "packed",
    "parsed_boris",
    "write_boris",
]

_VERSION = "7.0"
_STATE_EVENT, _POINT_EVENT = "State event", "Point event"
_GZIP = b"\x1f\x8b"
_KEYS = "mnopqrstuvwxyzabcdefghijkl1234567890"
_Document = dict[str, Any]


def write_boris(path: str | Path, annotations: Iterable[Annotation]) -> None:
    """Write the expressions of one or several videos as a BORIS project.

    A video of that name beside the file is linked to it.

    Raises
    ------
    OutputError
        If the file cannot be written, or a video has no frame rate or more than 1000 frames
        per second.
    """
    content = boris_content(Path(path), tuple(annotations))
    with atomic_write(path) as file:
        file.write(content)


def boris_content(path: Path, annotations: Sequence[Annotation]) -> bytes:
    """Return the project that :func:`write_boris` writes; raises what that raises."""
    videos = [(annotation, entries_of(annotation)) for annotation in annotations]
    document = boris_document(path, annotations, [e for _, entries in videos for e in entries])
    observations = document["observations"]
    for annotation, entries in videos:
        name = annotation.video_id
        if name in observations:
            name = f"{name} {annotation.subject_id}"
        observations[name] = boris_observation(path, annotation, entries)
    return packed(path, sealed(json.dumps(document, indent=1).encode()))


def boris_document(
    path: Path, annotations: Iterable[Annotation], entries: Iterable[Entry]
) -> _Document:
    """Return a project with the subjects and behaviours of some videos, without observations."""
    subjects = {a.subject_id: None for a in annotations if a.subject_id}
    return {
        "time_format": "hh:mm:ss",
        "project_date": _now(),
        "project_name": path.stem,
        "project_description": f"written by napari-mespot ({OPEN_SEAL})",
        "project_format_version": _VERSION,
        "subjects_conf": {
            str(number): {"key": "", "name": name, "description": ""}
            for number, name in enumerate(subjects)
        },
        "behaviors_conf": _ethogram(entries),
        "observations": {},
        "behavioral_categories": [],
        "behavioral_categories_config": {},
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def boris_observation(path: Path, annotation: Annotation, entries: Sequence[Entry]) -> _Document:
    """Return the observation of a video."""
    media = media_beside(path, annotation.video_id) or annotation.video_id
    clock = clock_to_write(annotation, "BORIS", in_milliseconds=True)
    n_frames = annotation.n_frames
    last = max((entry.frame for entry in entries), default=0) if n_frames is None else n_frames
    return {
        "file": {"1": [media], **{str(player): [] for player in range(2, 9)}},
        "type": "MEDIA",
        "date": _now(),
        "description": description_of(annotation),
        "time offset": 0.0,
        "observation time interval": [0, 0],
        "independent_variables": {},
        "close_behaviors_between_videos": False,
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_info": {
            "length": {media: float(clock.second_of(last))},
            "fps": {media: float(clock.rate)},
            "hasVideo": {media: True},
            "hasAudio": {media: False},
            "offset": {"1": 0.0},
        },
        "events": [
            [float(e.time_s), e.subject, e.code, e.modifiers, e.comment, e.frame] for e in entries
        ],
    }


def _ethogram(entries: Iterable[Entry]) -> _Document:
    """Return the behaviours; ME and MaE are always there, for who goes on coding."""
    kinds = {"ME": _STATE_EVENT, "MaE": _STATE_EVENT}
    kinds |= {"ME_apex": _POINT_EVENT, "MaE_apex": _POINT_EVENT}
    for entry in entries:
        kinds.setdefault(entry.code, _POINT_EVENT if entry.what == POINT else _STATE_EVENT)
    return {
        str(number): {
            "type": kind,
            "key": _KEYS[number] if number < len(_KEYS) else "",
            "code": code,
            "description": "",
            "color": "",
            "category": "",
            "modifiers": {},
            "excluded": "",
            "coding map": "",
        }
        for number, (code, kind) in enumerate(kinds.items())
    }


def packed(path: Path, content: bytes) -> bytes:
    """Return what a file holds: its content, packed if its name ends so."""
    return gzip.compress(content, mtime=0) if path.name.lower().endswith(".gz") else content


def parsed_boris(
    path: Path, data: bytes, *, parse_float: Callable[[str], Any] = float
) -> _Document:
    """Return a project as it stands in its file, packed or not.

    Raises
    ------
    AnnotationFormatError
        If it is none.
    """
    try:
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        document = json.loads(data, parse_float=parse_float)
    except (ValueError, RecursionError, OSError, EOFError, zlib.error) as error:
        raise AnnotationFormatError(
            f"{path}: expected a BORIS project (.boris), got broken JSON: "
            f"{' '.join(str(error).split())[:80]}"
        ) from None
    if not isinstance(document, dict) or "observations" not in document:
        raise AnnotationFormatError(
            f"{path}: expected a BORIS project (.boris), got JSON without observations"
        )
    return document
