"""Which video an ELAN file is about, and when in it the time line of the file begins.

ELAN links any number of media and shifts each by its own TIME_ORIGIN: the time in a medium is
the time of the file plus that.
"""

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import listed
from napari_mespot.io.times import MILLISECOND, parse_seconds
from napari_mespot.model import Annotation, is_video_file, same_video, video_name

__all__ = ["LinkedVideo", "linked_names", "linked_video"]


@dataclass(frozen=True, slots=True)
class LinkedVideo:
    """The video of an ELAN file.

    Parameters
    ----------
    name
        Without folder and ending; empty if no medium is linked.
    origin_s
        Time in the video at which the time line of the file begins; may be negative.
    subject
        Who is seen, where a tier does not say.
    """

    name: str = ""
    origin_s: Fraction = Fraction(0)
    subject: str = ""


def linked_video(path: Path, root: ET.Element, stated: Annotation, notice: Notice) -> LinkedVideo:
    """Return the video among the media of a file.

    Parameters
    ----------
    path, root
        The file.
    stated
        What the file says of the video otherwise; its name may be empty.
    notice
        Is told what was chosen where there was a choice, and of a shifted time line.

    Raises
    ------
    ValueError
        If a TIME_ORIGIN is no number.
    """
    media = list(root.iterfind("HEADER/MEDIA_DESCRIPTOR"))
    ranks = [_rank(medium) for medium in media]
    wanted = stated.video_id
    if not media:
        return LinkedVideo(wanted, subject=stated.subject_id)
    of_best = [m for m, rank in zip(media, ranks, strict=True) if rank == min(ranks)]
    chosen = next((m for m in of_best if wanted and same_video(_file(m), wanted)), of_best[0])
    name = wanted or _name(chosen)
    if len(of_best) > 1 and not wanted:
        others = listed(_file(m) for m in of_best if m is not chosen)
        notice(f"{path}: its intervals were taken for {_file(chosen)}; also linked: {others}")
    if min(ranks) == _SOUND and not wanted:
        notice(f"{path}: only sound is linked ({_file(chosen)}); the video was called {name}")
    origin = parse_seconds(int(chosen.get("TIME_ORIGIN", "0")) * MILLISECOND)
    if origin:
        notice(f"{path}: its times begin {float(origin):g} s into the video; this was added")
    return LinkedVideo(name, origin, stated.subject_id)


def linked_names(root: ET.Element) -> set[str]:
    """Return the names of all linked media, with and without their endings."""
    media = list(root.iterfind("HEADER/MEDIA_DESCRIPTOR"))
    return {_file(medium) for medium in media} | {_name(medium) for medium in media}


_VIDEO, _UNKNOWN, _SOUND = 0, 1, 2
_SOUNDS = (".wav", ".wave", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".wma", ".aif", ".aiff")


def _rank(medium: ET.Element) -> int:
    """Return how likely it is that a medium is the video: the lower the likelier."""
    kind, file = medium.get("MIME_TYPE", "").strip().casefold(), _file(medium)
    if kind.startswith("audio/"):
        return _SOUND
    if kind.startswith("video/") or is_video_file(PurePosixPath(file)):
        return _VIDEO
    return _SOUND if file.casefold().endswith(_SOUNDS) else _UNKNOWN


def _file(medium: ET.Element) -> str:
    """Return the name of a linked file, without its folder."""
    address = medium.get("RELATIVE_MEDIA_URL") or medium.get("MEDIA_URL") or ""
    return unquote(address).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _name(medium: ET.Element) -> str:
    """Return the name of a linked file without its ending, if that is one of a medium."""
    file = _file(medium)
    return PurePosixPath(file).stem if file.casefold().endswith(_SOUNDS) else video_name(file)
