"""Reading BORIS projects (``.boris``, ``.boris.gz``)."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.assembling import read_bytes, stated_rate
from napari_mespot.io.boris import parsed_boris
from napari_mespot.io.boris_choice import Damaged, annotations_of
from napari_mespot.io.boris_events import Event, event_of
from napari_mespot.io.boris_media import (
    Medium,
    TimeLine,
    folder_of,
    remarks_on_images,
    remarks_on_media,
)
from napari_mespot.io.boris_observation import Observation
from napari_mespot.io.labels import clean
from napari_mespot.io.notices import Notice, as_warning
from napari_mespot.io.times import ClockFinder, parse_seconds
from napari_mespot.model import Annotation, video_name

__all__ = ["read_boris"]

_ODD = (KeyError, ValueError, TypeError, AttributeError, IndexError)
_Facts = Mapping[str, Any]


def read_boris(
    path: str | Path,
    *,
    frame_rate: Fraction | ClockFinder | None = None,
    observation: str = "",
    notice: Notice = as_warning,
) -> tuple[Annotation, ...]:
    """Read a BORIS project: the behaviours named ``ME`` or ``MaE``, and those of their apexes.

    Parameters
    ----------
    path
        The ``.boris`` or ``.boris.gz`` file.
    frame_rate
        Frames per second in place of those that the project states for its videos, or what
        finds the clock of a video.
    observation
        Name of the only observation to read; empty: all.
    notice
        Is told what was left out and what looks wrong.

    Returns
    -------
    tuple of Annotation
        One for each observation, video and subject. Where several observations are of one
        video, their names are the coders of what has none.

    Raises
    ------
    AnnotationFormatError
        If the file is no such project, or none of its observations can be read.
    """
    path = Path(path)
    data = read_bytes(path, "a BORIS project (.boris)")
    document = parsed_boris(path, data, parse_float=Decimal)
    try:
        ethogram = list(document.get("behaviors_conf", {}).values())
        points = frozenset(str(b["code"]) for b in ethogram if str(b["type"]).startswith("Point"))
        titles = {str(b["code"]): _titles(b) for b in ethogram}
        found = dict(document["observations"]).items()
    except _ODD as error:
        raise _broken(path, error) from None
    observations: list[Observation | Damaged] = []
    for name, facts in found:
        try:
            observations.append(_observation(str(name), facts, points, titles))
        except _ODD as error:
            observations.append(Damaged(str(name), _broken(path, error)))
    return annotations_of(path, observations, frame_rate, observation, notice)


def _broken(path: Path, error: Exception) -> AnnotationFormatError:
    return AnnotationFormatError(
        f"{path}: expected the observations of a BORIS project, got a broken one "
        f"({type(error).__name__}: {' '.join(str(error).split())[:80]}); save it again in BORIS"
    )


def _titles(behaviour: _Facts) -> tuple[str, ...]:
    """Return what the sets of modifiers of a behaviour are called, in order."""
    with suppress(*_ODD):
        in_order = sorted(behaviour["modifiers"].items(), key=lambda item: int(item[0]))
        return tuple(str(facts.get("name", "")) for _, facts in in_order)
    return ()


def _observation(
    name: str, facts: _Facts, points: frozenset[str], titles: dict[str, tuple[str, ...]]
) -> Observation:
    """Read one observation; raise one of the usual errors if it is broken."""
    kind = str(facts.get("type", "")).upper()
    of_images = kind == "IMAGES"
    folders = [str(folder) for folder in facts.get("directories_list") or [name]]
    line = None if kind == "LIVE" else _line(name, facts, folders if of_images else None)
    observation = Observation(
        name,
        line,
        description=str(facts.get("description", "")),
        events=[_event(event, folders if of_images else None) for event in facts["events"]],
        points=points,
        modifier_names=titles,
        of_images=of_images,
    )
    if line is not None:
        observation.remarks += _remarks(facts, line, folders if of_images else None)
    return observation


def _event(items: list[Any], folders: list[str] | None) -> Event:
    time, subject, code, modifiers, comment, *rest = items
    media = ""
    if folders is not None and len(folders) > 1 and rest[1:]:
        media = folder_of(str(rest[1]))
    return event_of(
        str(code),
        time if folders is None else "nan",
        rest[0] if rest else None,
        subject=clean(str(subject)),
        modifiers=str(modifiers),
        comment=str(comment),
        media=media,
    )


def _line(name: str, facts: _Facts, folders: list[str] | None) -> TimeLine:
    if folders is not None:
        return TimeLine((Medium(video_name(folders[0])),))
    offset = parse_seconds(facts.get("time offset") or 0)
    files = _players(facts).get("1") or []
    if not files:
        return TimeLine((Medium(name),), offset)
    info = _info(facts)
    starts = info.get("media_creation_time") or {}
    if not facts.get("media_creation_date_as_offset"):
        starts = {}
    media = [
        Medium(
            video_name(file),
            stated_rate((info.get("fps") or {}).get(file)),
            _length((info.get("length") or {}).get(file)),
            _date(starts.get(file)),
        )
        for file in files
    ]
    return TimeLine(tuple(media), offset)


def _players(facts: _Facts) -> dict[str, list[str]]:
    """Return the files of each player; in old projects there was a list, one for each."""
    files = facts.get("file") or {}
    if isinstance(files, list):
        return {str(number): [str(file)] for number, file in enumerate(files, start=1)}
    return {str(player): [str(f) for f in of_player or []] for player, of_player in files.items()}


def _info(facts: _Facts) -> _Facts:
    """Return what the project knows of its files; old ones knew one file by its checksum."""
    info: _Facts = facts.get("media_info") or {}
    old = list((facts.get("media_file_info") or {}).values())
    if info or len(old) != 1:
        return info
    files = _players(facts).get("1") or [""]
    length = _length(parse_seconds(old[0].get("video_length") or 0) / 1000)
    n_frames = parse_seconds(old[0].get("nframe") or 0)
    return {
        "length": {files[0]: length},
        "fps": {files[0]: float(n_frames / length)} if length and n_frames else {},
    }


def _length(value: object) -> Fraction | None:
    """Return a length in seconds; None if the project does not say it."""
    with suppress(ValueError):
        length = value if isinstance(value, Fraction) else parse_seconds(value)
        return length if length > 0 else None
    return None


def _date(value: object) -> Fraction | None:
    """Return when a video was made, in seconds; None if the project does not say it."""
    return None if value is None else parse_seconds(value)


def _remarks(facts: _Facts, line: TimeLine, folders: list[str] | None) -> list[str]:
    """Return what a person should know of an observation."""
    if folders is not None:
        return remarks_on_images(folders)
    first = [m.video_id for m in line.media]
    others = [file for player, of in _players(facts).items() if player != "1" for file in of]
    remarks = remarks_on_media(first, line.offset_s, others)
    shift = parse_seconds((_info(facts).get("offset") or {}).get("1") or 0)
    if shift:
        remarks.append(
            f"its first player is shifted by {float(shift):g} s, which BORIS does not count in "
            "the times; check the frames"
        )
    return remarks
