"""BORIS projects (``.boris``): JSON with an ethogram and one observation for each video."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import media_beside, read_bytes, stated_rate
from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.boris_entries import POINT, Entry, Observation, description_of, entries_of
from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.seal import OPEN_SEAL, sealed
from napari_mespot.io.times import ClockFinder, clock_to_write, parse_seconds
from napari_mespot.model import Annotation, video_name

__all__ = [
    "boris_content",
    "boris_document",
    "boris_observation",
    "parsed_boris",
    "read_boris",
    "write_boris",
]

_VERSION = "7.0"
_STATE_EVENT, _POINT_EVENT = "State event", "Point event"
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
    return sealed(json.dumps(document, indent=1).encode())


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


def read_boris(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read a BORIS project: the behaviours named ``ME`` or ``MaE``, and those of their apexes.

    Parameters
    ----------
    path
        The ``.boris`` file.
    frame_rate
        Frames per second in place of those that the project states for its videos, or what
        finds the clock of a video.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One for each observation and subject.

    Raises
    ------
    AnnotationFormatError
        If the file is no such project, an observation has no behaviour of ours, or its frame
        rate is unknown.
    """
    path = Path(path)
    document = _document(path)
    try:
        ethogram = document.get("behaviors_conf", {}).values()
        points = frozenset(str(b["code"]) for b in ethogram if str(b["type"]).startswith("Point"))
        observations = [
            _read_observation(path, name, facts, points, notice)
            for name, facts in document["observations"].items()
        ]
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise AnnotationFormatError(
            f"{path}: expected the observations of a BORIS project, got a broken one "
            f"({type(error).__name__}: {' '.join(str(error).split())[:80]}); save it again in BORIS"
        ) from None
    return tuple(a for o in observations for a in o.annotations(path, frame_rate, notice))


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


def _document(path: Path) -> _Document:
    return parsed_boris(path, read_bytes(path, "a BORIS project (.boris)"), parse_float=Decimal)


def parsed_boris(
    path: Path, data: bytes, *, parse_float: Callable[[str], Any] = float
) -> _Document:
    """Return a project as it stands in its file.

    Raises
    ------
    AnnotationFormatError
        If it is none.
    """
    try:
        document = json.loads(data, parse_float=parse_float)
    except (ValueError, RecursionError) as error:
        raise AnnotationFormatError(
            f"{path}: expected a BORIS project (.boris), got broken JSON: "
            f"{' '.join(str(error).split())[:80]}"
        ) from None
    if not isinstance(document, dict) or "observations" not in document:
        raise AnnotationFormatError(
            f"{path}: expected a BORIS project (.boris), got JSON without observations"
        )
    return document


def _read_observation(
    path: Path, name: str, facts: Mapping[str, Any], points: frozenset[str], notice: Notice
) -> Observation:
    """Read one observation; raise one of the usual errors if it is broken."""
    files = facts.get("file") or {}
    media = [str(file) for file in (files.get("1") or [])] if isinstance(files, dict) else []
    if len(media) > 1:
        notice(
            f"{path}: {name} runs over {len(media)} videos; its frames count through all of them"
        )
    if parse_seconds(facts.get("time offset") or 0):
        notice(f"{path}: {name} has a time offset; it was not applied, check the frames")
    fps = (facts.get("media_info") or {}).get("fps") or {}
    return Observation(
        video_name(media[0]) if media else str(name),
        description=str(facts.get("description", "")),
        stated_rate=stated_rate(fps.get(media[0])) if media else None,
        entries=[
            Entry(
                parse_seconds(time),
                str(code),
                subject=clean(str(subject)),
                modifiers=str(modifiers),
                comment=str(comment),
            )
            for time, subject, code, modifiers, comment, *_ in facts["events"]
        ],
        points=points,
    )
