"""Frames of a TIFF file of pages, as cameras and ImageJ save a recording."""

from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames.damage import DamageLog
from napari_mespot.frames.rate import parse_frame_rate
from napari_mespot.frames.still_depth import used_depth_of_stills
from napari_mespot.frames.still_frames import (
    ASSUMED_RATE,
    StillFrames,
    common_size,
    rate_warning,
)
from napari_mespot.frames.stills import stills_of_stack
from napari_mespot.frames.tiff import is_tiff
from napari_mespot.frames.tiff_stack import TiffStack, read_stack
from napari_mespot.frames.watched_file import changed, file_identity, reading
from napari_mespot.model import composed

__all__ = ["StackFrames", "is_stack"]


class StackFrames(StillFrames):
    """A TIFF file as a :class:`~napari_mespot.frames.FrameSource`: every page is a frame.

    Thumbnails and masks of other pages are no frames.

    Parameters
    ----------
    path
        The file: TIFF or BigTIFF, with ImageJ's stacks beyond 4 GB.
    fps
        Frames per second; if not given, what ImageJ noted, else 30 with a warning.

    Raises
    ------
    FrameReadError
        It is damaged, its pages differ in size, are of another kind than grey or RGB of 8 or 16
        bits, or go through channels or depth.
    """

    def __init__(self, path: str | Path, *, fps: Fraction | float | str | None = None) -> None:
        self.path = Path(path)
        self.damage = DamageLog()
        self._fps = fps
        identity = file_identity(self.path)
        self.fingerprint = identity.fingerprint
        with reading(self.path):
            stack = read_stack(self.path)
        self._stills = stills_of_stack(self.path, stack)
        self.video_id = composed(self.path.stem)
        self.n_frames = len(self._stills)
        self.height, self.width = common_size(self._stills)
        rate = stack.rate if fps is None else parse_frame_rate(fps)
        self.frame_rate = rate or ASSUMED_RATE
        name = self.path.name
        self._spare_bits, depth = used_depth_of_stills(name, self._stills, self.fingerprint)
        self.warnings = (
            *_page_warnings(self.path, stack),
            *((depth,) if depth else ()),
            *(() if rate else (rate_warning(name),)),
        )

    def check_unchanged(self) -> None:
        """Make sure that the file is still what was opened.

        Raises
        ------
        FileReadError
            It has been changed, replaced or removed, or cannot be read just now.
        """
        try:
            now = file_identity(self.path)
        except FileReadError:
            raise
        except FrameReadError:  # gone, or emptied
            raise changed(self.path) from None
        if now.fingerprint != self.fingerprint:
            raise changed(self.path)

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.path, self._fps)


def is_stack(path: Path) -> bool:
    """Whether a file is a TIFF, by its first bytes; False for what cannot be read."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_tiff(file.read(4))
    except (OSError, ValueError):
        return False


def _reopen(path: Path, fps: Fraction | float | str | None) -> StackFrames:
    return StackFrames(path, fps=fps)


def _page_warnings(path: Path, stack: TiffStack) -> tuple[str, ...]:
    n_pages, stated = len(stack.pages), stack.n_stated or 0
    if stack.broken_off:
        return (
            f"{path.name} is cut short: its {n_pages} whole pages are used; copy it again if more "
            "should be there.",
        )
    if n_pages == 1 and stated > 1:
        raise FrameReadError(
            f"Expected a stack of {stated} pages, as {path} says, but it holds one; give the "
            "folder of all its files, or save them as one stack."
        )
    if stated > n_pages:
        return (
            f"{path.name} says that there are {stated} pages, but holds {n_pages}: the others are "
            "in other files, or lost.",
        )
    if n_pages == 1:
        return (f"{path.name} is a single picture; give its folder to read a sequence.",)
    return ()
