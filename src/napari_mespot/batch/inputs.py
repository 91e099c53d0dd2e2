"""From the paths a user names to the videos meant, each with a name of its own."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_mespot.batch.identity import holds_another_video
from napari_mespot.errors import FrameReadError
from napari_mespot.model import IMAGE_ENDINGS, composed, is_video_file

__all__ = ["find_openface", "find_videos", "name_videos", "plain_name"]


def find_videos(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the videos that the paths stand for, each once.

    A file is a video. A folder with videos in it stands for all of them; else, a folder with
    images is one video; else, a folder of folders with images stands for these. A path that
    holds nothing is returned as it is: opening it says what is wrong.

    Raises
    ------
    FrameReadError
        If a folder cannot be listed.
    """
    found: dict[str, Path] = {}
    for path in paths:
        for video in _videos_at(path):
            found.setdefault(os.path.realpath(video), video)
    return tuple(found.values())


def plain_name(video: Path) -> str:
    """Return the name of a video, composed: a file's without its suffix, a folder's whole."""
    full = Path(os.path.abspath(video))  # a link keeps its own name
    return composed(full.name if video.is_dir() else full.stem)


def name_videos(
    videos: Sequence[Path], out: Path | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give every video a name that no other has, for its results.

    A name is the file's without its suffix. Videos that would share one are told apart by
    their folder, else by a number; so is a video whose name has been used for the results of
    another one.

    Parameters
    ----------
    videos
        The videos.
    out
        Folder of the results, in which names may have been used; None: of no matter.

    Returns
    -------
    names
        One per video.
    warnings
        A line for every video that did not get its plain name.
    """
    plain = [plain_name(video) for video in videos]
    count = Counter(_key(name) for name in plain)
    taken = {_key(name) for name in plain if count[_key(name)] == 1}
    names, warnings = [], []
    for video, name in zip(videos, plain, strict=True):
        chosen = name
        if count[_key(name)] == 1 and _used_by_another(out, name, video):
            other = f"in {out} the results of another video have"
        elif count[_key(name)] > 1:
            other = "another video has"
        else:
            other = ""
        if other:
            chosen = _free_name(video, name, taken, out)
            warnings.append(
                f"{video}: {other} the name {name!r} too, so the results of this one "
                f"are called {chosen!r}"
            )
        taken.add(_key(chosen))
        names.append(chosen)
    return tuple(names), tuple(warnings)


def _used_by_another(out: Path | None, name: str, video: Path) -> bool:
    return out is not None and holds_another_video(out / f"{name}.intervals.csv", video)


def find_openface(place: Path, name: str) -> Path:
    """Return what OpenFace wrote about the video called `name`.

    Parameters
    ----------
    place
        The folder that OpenFace wrote to, with ``NAME_aligned`` or ``NAME.csv`` in it; or one
        of these two themselves.
    name
        As :func:`plain_name` says.

    Raises
    ------
    FrameReadError
        If there is nothing about this video.
    """
    inside = (place / f"{name}_aligned", place / f"{name}.csv")
    for path in inside:
        if (found := _on_disk(path)) is not None:
            return found
    if place.is_file() or (place.is_dir() and any(place.glob("frame_det_*"))):
        return place
    raise FrameReadError(
        f"Expected what OpenFace wrote about {name} at {inside[0]} or {inside[1]}, found neither; "
        "check the folder"
    )


def _on_disk(path: Path) -> Path | None:
    """Return the file or folder of that name, however its letters are composed on the disk."""
    if path.exists():
        return path
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    return next((p for p in beside if composed(p.name) == composed(path.name)), None)


def _videos_at(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        entries = sorted(path.iterdir(), key=_natural)
        files = [e for e in entries if not e.name.startswith(".") and e.is_file()]
        folders = [e for e in entries if not e.name.startswith(".") and e.is_dir()]
        videos = [e for e in files if is_video_file(e)]
        if videos:
            return videos
        if any(e.suffix.lower() in IMAGE_ENDINGS for e in files):
            return [path]
        return [folder for folder in folders if _holds_images(folder)] or [path]
    except OSError as error:
        raise FrameReadError(
            f"{path}: expected a readable folder, got: {error.strerror}; check its permissions"
        ) from None


def _holds_images(folder: Path) -> bool:
    return any(
        entry.suffix.lower() in IMAGE_ENDINGS and not entry.name.startswith(".")
        for entry in folder.iterdir()
    )


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort clip2 before clip10."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def _parent_name(video: Path) -> str:
    return Path(os.path.abspath(video)).parent.name or "root"


def _key(name: str) -> str:
    """Names that differ in case only are one file on some systems."""
    return composed(name).casefold()


def _free_name(video: Path, name: str, taken: set[str], out: Path | None) -> str:
    """Return a name with the folder of the video that no other video has, here or in `out`."""
    longer = f"{_parent_name(video)}_{name}"
    number, chosen = 1, longer
    while _key(chosen) in taken or _used_by_another(out, chosen, video):
        number += 1
        chosen = f"{longer}_{number}"
    return chosen
