"""What napari calls to open files: videos, image folders, sessions, tables of intervals."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.gui.session_file import SESSION_SUFFIX

if TYPE_CHECKING:
    from napari.types import FullLayerData

    Reader = Callable[[str | Sequence[str]], list[FullLayerData]]

__all__ = ["get_reader"]

_TABLE_SUFFIX = ".csv"
_STACK_SUFFIXES = (".tif", ".tiff")
_REVIEW = "Plugins > Micro-expression spotting > Review this video"
_WAIT_MS, _TRIES = 500, 20
_OUR_TABLES = (".intervals.csv", ".labels.csv")


def get_reader(path: str | Sequence[str]) -> "Reader | None":
    """Return a function that opens a path as layers; None if it is nothing of ours."""
    if not isinstance(path, str):
        return _read_all if all(get_reader(p) is not None for p in path) else None
    place = Path(path)
    if place.suffix.lower() == _TABLE_SUFFIX:
        # What bears our name is ours, damaged or not: our reader says what is wrong with it.
        return _read_all if place.name.lower().endswith(_OUR_TABLES) or _is_table(place) else None
    if place.suffix.lower() in _STACK_SUFFIXES and not _is_recording(place):
        return None
    if place.is_dir() and not _holds_images(place):
        return None
    return _read_all


def _read_all(path: str | Sequence[str]) -> "list[FullLayerData]":
    paths = [path] if isinstance(path, str) else path
    return [layer for p in paths for layer in _read(Path(p))]


def _read(path: Path) -> "list[FullLayerData]":
    """Open one path; an error of the user's is shown by napari with its text."""
    if path.suffix.lower() == _TABLE_SUFFIX:
        from napari_mespot.gui.tables import table_layer_data, table_name
        from napari_mespot.io import read_table

        name, found = table_name(path), read_table(path)
        return [table_layer_data(a, name, is_one_of_many=len(found) > 1) for a in found]
    from napari_mespot.gui.lazy_video import SESSION_KEY, video_layer_data
    from napari_mespot.gui.opening import open_frames_of

    source = open_frames_of(path)
    _tell_soon(f"To review it: {_REVIEW}", source.warnings)
    data, options, kind = video_layer_data(source)
    if path.suffix == SESSION_SUFFIX:
        options["metadata"][SESSION_KEY] = str(path.absolute())
    return [(data, options, kind)]


def _tell_soon(hint: str, warnings: Sequence[str]) -> None:
    """Show toasts once there is a window: one that napari opens for a file is not shown yet."""
    from napari.utils.notifications import show_info, show_warning
    from qtpy.QtCore import QTimer
    from qtpy.QtWidgets import QApplication, QMainWindow

    def tell(tries: int) -> None:
        windows = QApplication.topLevelWidgets() if QApplication.instance() else []
        is_seen = any(isinstance(w, QMainWindow) and w.isActiveWindow() for w in windows)
        if tries and windows and not is_seen:
            QTimer.singleShot(_WAIT_MS, lambda: tell(tries - 1))
            return
        show_info(hint)
        for text in warnings:
            show_warning(text)

    if QApplication.instance() is None:
        tell(0)
    else:
        QTimer.singleShot(_WAIT_MS, lambda: tell(_TRIES))


def _is_recording(path: Path) -> bool:
    """Whether a TIFF file has pages that can be frames. Any other image is napari's own."""
    from napari_mespot.errors import FrameReadError
    from napari_mespot.frames.tiff_stack import read_stack

    try:
        pages = read_stack(path).pages if path.is_file() else ()
    except (FrameReadError, OSError):
        return False
    return len(pages) > 1 and len({(page.height, page.width) for page in pages}) == 1


def _is_table(path: Path) -> bool:
    """Whether a CSV has the columns of ours."""
    from napari_mespot.errors import AnnotationFormatError
    from napari_mespot.io import read_table

    try:
        read_table(path)
    except AnnotationFormatError:
        return False
    return True


def _holds_images(folder: Path) -> bool:
    from napari_mespot.model import IMAGE_ENDINGS

    return any(
        entry.suffix.lower() in IMAGE_ENDINGS and any(c.isdecimal() for c in entry.stem)
        for entry in folder.iterdir()
    )
