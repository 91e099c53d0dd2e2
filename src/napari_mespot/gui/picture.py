"""Pictures of the review window, for machines without a display and for the documentation."""

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QEventLoop, Qt, QTimer
from qtpy.QtGui import QImage, QPixmap
from qtpy.QtWidgets import QApplication, QGridLayout, QLabel, QVBoxLayout, QWidget

from napari_mespot.errors import OutputError
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.hint import KeyHint
from napari_mespot.gui.opening import OpenedVideo
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review_dock import ReviewWidget
from napari_mespot.gui.theme import timeline_colours
from napari_mespot.gui.timeline import TimelineWidget
from napari_mespot.gui.transport import TransportBar

if TYPE_CHECKING:
    from napari_mespot.gui.workspace import Workspace

__all__ = ["draw_parts", "draw_window", "wait"]

_DRAWING_S = 1.5
_SIDE_WIDTH = 420


def draw_window(
    opened: OpenedVideo,
    path: Path,
    size: tuple[int, int],
    theme: str,
    *,
    hint: bool = False,
    frame: int | None = None,
) -> None:
    """Draw the napari window with a video under review into a PNG file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from napari_mespot.gui.window import open_window

    workspace = open_window(opened, size=size, theme=theme, hint=hint)
    try:
        wait(_DRAWING_S)
        _go(workspace.actions, frame)
        wait(_DRAWING_S)
        save_window(workspace, path)
    finally:
        workspace.viewer.close()
        wait(0.05)


def save_window(workspace: "Workspace", path: Path) -> None:
    """Save the window as it is now.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    picture = workspace.viewer.screenshot(canvas_only=False, flash=False)
    height, width = picture.shape[:2]
    image = QImage(picture.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    _save(image, path)


def draw_parts(
    opened: OpenedVideo,
    path: Path,
    size: tuple[int, int],
    *,
    hint: bool = False,
    frame: int | None = None,
) -> None:
    """Draw the parts of the window beside the picture of the video, without OpenGL.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from napari.qt import get_stylesheet

    application = QApplication.instance() or QApplication([])
    window = _parts(opened, hint=hint, frame=frame)
    window.setStyleSheet(get_stylesheet("dark"))
    window.resize(*size)
    window.show()
    wait(0.3)
    _save(window.grab().toImage(), path)
    window.close()
    del application


def wait(seconds: float) -> None:
    """Let the window draw itself for a while."""
    loop, end = QEventLoop(), perf_counter() + seconds
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    while perf_counter() < end:
        loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


def _parts(opened: OpenedVideo, *, hint: bool, frame: int | None) -> QWidget:
    source, session = opened.source, opened.session
    playhead = Playhead(source.n_frames, source.frame_rate, source.clock)
    player = Player(playhead)
    actions = ReviewActions(session, playhead, player)
    timeline = TimelineWidget(session, playhead, actions)
    timeline.set_colours(timeline_colours("dark"))
    review = ReviewWidget(session, playhead, actions)
    review.setFixedWidth(_SIDE_WIDTH)
    _go(actions, frame)
    bottom = QWidget()
    column = QVBoxLayout(bottom)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(TransportBar(session, playhead, player, actions, opened.store))
    if hint:
        column.addWidget(KeyHint({}))
    column.addWidget(timeline)
    window = QWidget()
    grid = QGridLayout(window)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.addWidget(_picture_of(opened, playhead.frame), 0, 0)
    grid.addWidget(review, 0, 1)
    grid.addWidget(bottom, 1, 0, 1, 2)
    grid.setRowStretch(0, 1)
    grid.setColumnStretch(0, 1)
    return window


def _go(actions: ReviewActions, frame: int | None) -> None:
    """Go where the user asked to, else to what there is to review."""
    if frame is None:
        actions.next_candidate()
    else:
        actions.playhead.seek(frame)


def _picture_of(opened: OpenedVideo, frame: int) -> QLabel:
    rgb = opened.source.read(frame)
    height, width = rgb.shape[:2]
    image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    label = QLabel()
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setPixmap(QPixmap.fromImage(image))
    return label


def _save(image: QImage, path: Path) -> None:
    if not image.save(str(path), "PNG"):
        raise OutputError(
            f"{path}: expected to write the picture there, but could not; choose another place"
        )
