"""Names of videos: the one definition of an ending, of a name, and of "the same video".

People and programs write one video in many ways: ``d18``, ``d18.mp4``, ``D18.MP4`` on a camera's
card, ``films/d18.mp4`` in a table; and a letter with an umlaut is one character on Windows and
two on a Mac's disk. Names are compared, and written into our tables, in the composed form (NFC)
and without ending; files are opened under the names that they have on disk.
"""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

__all__ = [
    "VIDEO_ENDINGS",
    "VideoNames",
    "composed",
    "is_video_file",
    "same_video",
    "video_name",
    "without_ending",
]

#: Endings of video files, in lower case. A test holds the viewer's manifest to this list.
VIDEO_ENDINGS = frozenset(
    {".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".m2ts", ".m2v", ".m4v"}
    | {".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv"}
    | {".qt", ".ts", ".vob", ".webm", ".wmv", ".y4m"}
)


def composed(text: str) -> str:
    """Return `text` in the form in which texts are compared (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_video_file(path: PurePath) -> bool:
    """Whether a file is called like a video; its content is not looked at."""
    return path.suffix.lower() in VIDEO_ENDINGS


def without_ending(name: str) -> str:
    """Return a name, composed, without the ending of a video file."""
    return _split(composed(name))[0]


def video_name(place: str) -> str:
    """Return the name of a video from its path or address on any system."""
    return without_ending(_last_part(place))


def same_video(one: str, other: str) -> bool:
    """Whether two names stand for one video.

    They do if they are equal once composed and without ending. Two names with two different
    endings stand for two videos.

    Examples
    --------
    >>> same_video("d18", "d18.MP4"), same_video("d18.mp4", "d18.avi"), same_video("d1", "d18")
    (True, False, False)
    """
    (stem, ending), (other_stem, other_ending) = _split(composed(one)), _split(composed(other))
    return stem == other_stem and (ending == other_ending or not (ending and other_ending))


class VideoNames:
    """Names of videos to look others up in.

    Parameters
    ----------
    names
        As they were written, each once.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_form: tuple[dict[str, list[str]], ...] = ({}, {}, {})
        for name in names:
            for known, form in zip(self._by_form, _forms(name), strict=True):
                known.setdefault(form, []).append(name)

    def find(self, name: str) -> str | None:
        """Return the one name that stands for the same video as `name`.

        The same letters come first, then the same name with another or no ending, then the
        same name in another folder.

        Returns
        -------
        str or None
            As it was written; None if no name fits, or several fit equally well.
        """
        ending = _split(composed(name))[1]
        for known, form in zip(self._by_form, _forms(name), strict=True):
            fitting = [n for n in known.get(form, ()) if _fits(ending, n)]
            if fitting:
                return fitting[0] if len(fitting) == 1 else None
        return None


def _forms(name: str) -> tuple[str, str, str]:
    """Return the forms under which a name is known, the strictest first."""
    return composed(name), without_ending(name), video_name(name)


def _fits(ending: str, name: str) -> bool:
    """Whether the endings of two names do not contradict each other."""
    other = _split(composed(name))[1]
    return not (ending and other) or ending == other


def _last_part(place: str) -> str:
    return place.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _split(name: str) -> tuple[str, str]:
    """Return a name's stem and, in lower case, its ending if it is one of a video."""
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending.lower()
    is_video = ending in VIDEO_ENDINGS and stem and not stem.endswith(("/", "\\"))
    return (stem, ending) if is_video else (name, "")
