"""What lies below a folder: folders of frames, video files, label sheets and tables."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.datasets.workbook import WORKBOOK_SUFFIXES
from napari_mespot.model import IMAGE_ENDINGS, VIDEO_ENDINGS

__all__ = ["Media", "Survey", "surveyed"]

#: Folders that hold the frames of the video that the folder above is named after.
_INNER = frozenset({"color", "colour", "rgb", "frame", "frames", "image", "images", "img"})
_CROPPED = re.compile(r"crop|aligned|openface|processed", re.IGNORECASE)
_CROPPED_END = re.compile(r"[_-](?:aligned|crop|cropped)$", re.IGNORECASE)
_DEEPEST = 7


@dataclass(frozen=True, slots=True)
class Media:
    """A video file or a folder with images.

    Parameters
    ----------
    path
        Where it lies.
    parts
        Names of the folders below the surveyed one, and of the video itself without its
        ending; ``spNO.1/a/color`` is ``("spNO.1", "a")``.
    is_folder
        Whether it is a folder of frames.
    cropped
        Whether its path says that the face has been cut out.
    """

    path: Path
    parts: tuple[str, ...]
    is_folder: bool
    cropped: bool

    @property
    def name(self) -> str:
        """Name of the video."""
        return self.parts[-1]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found below a folder, each in order of its path."""

    media: tuple[Media, ...] = ()
    workbooks: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()


def surveyed(root: Path) -> Survey:
    """Look through a folder; hidden files, and lock files of spreadsheets, are passed over.

    Raises
    ------
    AnnotationFormatError
        If it is no folder that can be read.
    """
    media: list[Media] = []
    workbooks: list[Path] = []
    tables: list[Path] = []
    try:
        for folder, files in _folders(root, 0, set()):
            suffixes = {name: os.path.splitext(name)[1].lower() for name in files}
            if any(suffix in IMAGE_ENDINGS for suffix in suffixes.values()):
                media.append(_media(root, folder, is_folder=True))
            for name, suffix in suffixes.items():
                if suffix in VIDEO_ENDINGS:
                    media.append(_media(root, folder / name, is_folder=False))
                elif suffix in WORKBOOK_SUFFIXES:
                    workbooks.append(folder / name)
                elif suffix in {".csv", ".tsv"}:
                    tables.append(folder / name)
    except OSError as error:
        raise AnnotationFormatError(
            f"{root}: expected the folder of a data set, got: {error.strerror or error}; "
            "check the path"
        ) from None
    return Survey(tuple(media), tuple(workbooks), tuple(tables))


def _folders(folder: Path, depth: int, seen: set[str]) -> Iterator[tuple[Path, list[str]]]:
    """Go through folders top down, each once, and never deeper than any data set is.

    Links are followed; one that leads back to a folder above would make several videos of one.
    Pipes and devices are no files: reading one would never end.
    """
    place = os.path.realpath(folder)
    if place in seen:
        return
    seen.add(place)
    files: list[str] = []
    inner: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$", "__")):
                continue
            if entry.is_dir():
                inner.append(entry.name)
            elif entry.is_file():
                files.append(entry.name)
    yield folder, sorted(files)
    if depth < _DEEPEST:
        for name in sorted(inner):
            yield from _folders(folder / name, depth + 1, seen)


def _media(root: Path, path: Path, *, is_folder: bool) -> Media:
    relative = path.relative_to(root).parts or (path.resolve().name,)
    parts = (*relative[:-1], path.stem if not is_folder else relative[-1])
    cropped = any(map(_CROPPED.search, (root.name, *parts)))
    if is_folder and len(parts) > 1 and parts[-1].lower() in _INNER:
        parts = parts[:-1]
    return Media(path, (*parts[:-1], _CROPPED_END.sub("", parts[-1])), is_folder, bool(cropped))
