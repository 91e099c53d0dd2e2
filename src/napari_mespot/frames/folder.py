"""Frames of a folder of images, in the order of the numbers in their names."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.damage import DamageLog
from napari_mespot.frames.fingerprint import folder_fingerprint
from napari_mespot.frames.numbering import NumberedFiles, number_files
from napari_mespot.frames.rate import parse_frame_rate
from napari_mespot.frames.still_depth import used_depth_of_stills
from napari_mespot.frames.still_frames import (
    ASSUMED_RATE,
    StillFrames,
    common_size,
    rate_warning,
)
from napari_mespot.frames.stills import Still, stills_of
from napari_mespot.frames.watched_file import changed, reading
from napari_mespot.model import IMAGE_ENDINGS, composed, is_video_file

__all__ = ["FolderFrames"]


class FolderFrames(StillFrames):
    """A folder of images as a :class:`~napari_mespot.frames.FrameSource`.

    Frame *i* is the *i*-th existing image by number; hidden files and files that are no images
    are passed over. A TIFF of several pages gives all its pages.

    Parameters
    ----------
    path
        The folder.
    fps
        Frames per second; 30 is assumed, with a warning, if not given.

    Attributes
    ----------
    numbers
        The number in the file name of each frame; a plain count if files hold several pages.
    files
        The file of each frame.

    Raises
    ------
    FrameReadError
        The folder holds no images, their order is not clear, an image cannot be read, or images
        differ in size.
    """

    def __init__(self, path: str | Path, *, fps: Fraction | float | str | None = None) -> None:
        self.path = Path(path)
        self.damage = DamageLog()
        self._fps = fps
        ordered = number_files(_images_in(self.path))
        self._ordered = ordered.files
        self._stills = _stills_in(ordered)
        self.files = tuple(still.file for still in self._stills)
        has_stacks = len(self._stills) > len(ordered.files)
        self.numbers = tuple(range(len(self._stills))) if has_stacks else ordered.numbers
        self.video_id = composed(self.path.resolve().name)
        self.n_frames = len(self._stills)
        self.height, self.width = common_size(self._stills)
        self.frame_rate = ASSUMED_RATE if fps is None else parse_frame_rate(fps)
        self.fingerprint = folder_fingerprint(ordered.files)
        self._spare_bits, depth = used_depth_of_stills(
            self.video_id, self._stills, self.fingerprint
        )
        self.warnings = (
            *(f"{self.video_id}: {text}" for text in ordered.warnings),
            *_stack_warnings(self.video_id, len(ordered.files), self.n_frames),
            *((depth,) if depth else ()),
            *(() if fps is not None else (rate_warning(self.video_id),)),
        )

    def check_unchanged(self) -> None:
        """Make sure that the images are still those that were found at first.

        Raises
        ------
        FileReadError
            Images have been added, changed or removed, or cannot be read just now.
        """
        with reading(self.path):
            now = number_files(_images_in(self.path)).files
            if now != self._ordered or folder_fingerprint(now) != self.fingerprint:
                raise changed(self.path)

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.path, self._fps)


def _reopen(path: Path, fps: Fraction | float | str | None) -> FolderFrames:
    return FolderFrames(path, fps=fps)


def _stills_in(ordered: NumberedFiles) -> Sequence[Still]:
    """Pictures of all the files, in order.

    A stack whose place among the others no number tells is not put anywhere.
    """
    by_file = [stills_of(file) for file in ordered.files]
    stacks = [stills[0].file for stills in by_file if len(stills) > 1]
    if len(by_file) > 1 and not ordered.is_numbered and stacks:
        raise _unordered(stacks[0])
    for file in ordered.left_out:
        if file.suffix.lower() in _TIFF_ENDINGS and _n_pages(file) > 1:
            raise _unordered(file)
    return [still for stills in by_file for still in stills]


#: Of files that may hold several pages.
_TIFF_ENDINGS = frozenset({".tif", ".tiff"})


def _stack_warnings(name: str, n_files: int, n_pages: int) -> tuple[str, ...]:
    if n_files == 1 or n_files == n_pages:
        return ()
    return (
        f"{name}: the {n_pages} pages of {n_files} files are read one after the other as one "
        "recording; give each file by itself if they are several.",
    )


def _n_pages(file: Path) -> int:
    try:
        return len(stills_of(file))
    except FrameReadError:
        return 0


def _unordered(stack: Path) -> FrameReadError:
    return FrameReadError(
        f"Expected numbers in the file names that say which images come first, but {stack} holds "
        "several pages and none says where they belong; give that file itself, or number the "
        "files."
    )


def _images_in(folder: Path) -> list[Path]:
    try:
        present = [file for file in folder.iterdir() if not file.name.startswith(".")]
    except OSError as error:
        raise FrameReadError(
            f"Expected a readable folder of images, but {folder} cannot be listed "
            f"({error.strerror}); check its path and permissions."
        ) from None
    images = [file for file in present if file.suffix.lower() in IMAGE_ENDINGS and file.is_file()]
    if images:
        return images
    videos = sorted(file.name for file in present if is_video_file(file))
    advice = f"give one of its videos, such as {videos[0]}" if videos else "check the path"
    raise FrameReadError(
        f"Expected a video file or a folder of images (jpg, png, bmp, tif, ...), but {folder} "
        f"holds no images; {advice}."
    )
