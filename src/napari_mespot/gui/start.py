"""From a video layer in napari to its review: the widget in the Plugins menu, the command."""

from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.errors import MespotError
from napari_mespot.gui.lazy_video import PATH_KEY, SESSION_KEY, source_of, video_layer_data
from napari_mespot.gui.notice_line import reason_first
from napari_mespot.gui.opening import open_frames_of, open_session_of
from napari_mespot.gui.window import add_workspace, workspace_of

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer

__all__ = ["StartWidget", "review_active_video", "review_layer"]

_OURS = "a video that napari-mespot has opened (File > Open, or drop it onto the window)"


def review_active_video(viewer: "napari.Viewer") -> None:
    """Review the selected video layer, or the only one there is."""
    layer = _chosen(viewer)
    if layer is None:
        show_error(f"Expected {_OURS} to be selected in the layer list, found none")
        return
    review_layer(viewer, layer)


def review_layer(viewer: "napari.Viewer", layer: "Layer") -> None:
    """Open the review of a video layer; what goes wrong is shown in one line."""
    current, source = workspace_of(viewer), source_of(layer)
    # By content, since a plugin may see a layer through a proxy of napari's.
    if current is not None and source is current.source:
        current.restore()
        return
    if source is None:
        show_error(f"Expected {_OURS}, got the layer {layer.name!r}")
        return
    session = layer.metadata.get(SESSION_KEY)
    try:
        opened = open_session_of(source, Path(session) if session else None)
        add_workspace(viewer, opened, layer)
    except MespotError as error:
        show_error(reason_first(str(error)))


class StartWidget(QWidget):
    """Choose a video of the viewer, or open one, and start to review it."""

    def __init__(self, napari_viewer: "napari.Viewer") -> None:
        super().__init__()
        self._viewer = napari_viewer
        self.videos = QComboBox()
        self.start = QPushButton("Review this video")
        self.open = QPushButton("Open a video …")
        note = QLabel(
            "Opens the timeline, the list of intervals, spotting and the close-up. Every edit is "
            "kept in a journal beside the video at once."
        )
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        for widget in (QLabel("Video"), self.videos, self.start, self.open, note):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setMinimumWidth(260)
        self.start.clicked.connect(self._start)
        self.open.clicked.connect(self._open)
        self.reset_choices()

    def reset_choices(self, event: object = None) -> None:
        """List the videos of the viewer; napari calls it whenever its layers change.

        The one under review is chosen, if there is one.
        """
        current = workspace_of(self._viewer)
        chosen = current.layer.name if current is not None else self.videos.currentText()
        self.videos.clear()
        self.videos.addItems([layer.name for layer in _videos(self._viewer)])
        self.videos.setCurrentIndex(max(0, self.videos.findText(chosen, Qt.MatchFlag.MatchExactly)))
        has_videos = self.videos.count() > 0
        self.videos.setEnabled(has_videos)
        self.start.setEnabled(has_videos)
        if not has_videos:
            self.videos.setPlaceholderText("no video is open")

    def _start(self) -> None:
        name = self.videos.currentText()
        if name in self._viewer.layers:
            review_layer(self._viewer, self._viewer.layers[name])
            self.reset_choices()

    def _open(self) -> None:
        text, _ = QFileDialog.getOpenFileName(self, "Open a video or session")
        if text:
            self.open_path(Path(text))

    def open_path(self, path: Path) -> None:
        """Open a video or session and start to review it."""
        try:
            source = open_frames_of(path)
        except MespotError as error:
            show_error(reason_first(str(error)))
            return
        data, options, _ = video_layer_data(source)
        layer = self._viewer.add_image(data, **options)
        review_layer(self._viewer, layer)
        self.reset_choices()


def _videos(viewer: "napari.Viewer") -> "list[Layer]":
    return [layer for layer in viewer.layers if PATH_KEY in layer.metadata]


def _chosen(viewer: "napari.Viewer") -> "Layer | None":
    videos = _videos(viewer)
    active = viewer.layers.selection.active
    if active in videos:
        return active
    return videos[0] if len(videos) == 1 else None
