"""How labels come into the review of a window: by menu, by a drop, or with the command line."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QWidget

from napari_mespot.errors import MespotError
from napari_mespot.gui.dialogs import ask_about_labels, ask_import
from napari_mespot.gui.labels import Labels, add_labels, doubt_of, read_labels
from napari_mespot.gui.opening import add_scores
from napari_mespot.gui.session import Session
from napari_mespot.gui.tables import ANNOTATION_KEY, OF_MANY_KEY
from napari_mespot.gui.telling import Telling
from napari_mespot.model import Annotation, same_video

if TYPE_CHECKING:
    from napari.components import LayerList
    from napari.layers import Layer

__all__ = ["LabelIntake"]

_ASK_MS = 500  # once there is a window to be asked in


class LabelIntake:
    """Adds labels to a session; asks before it adds those of another video.

    Parameters
    ----------
    session
        Where they go.
    window
        Where to ask.
    layers
        The viewer's layers: a table that was dropped is one of them.
    telling
        Where to say what was added.
    """

    def __init__(
        self, session: Session, window: QWidget | None, layers: "LayerList", telling: Telling
    ) -> None:
        self._session, self._window, self._layers = session, window, layers
        self._telling = telling
        self._is_closed = False

    def close(self) -> None:
        """Add nothing any more."""
        self._is_closed = True

    def ask_for_file(self, folder: Path) -> None:
        """Let the user choose a file of labels or predictions, and add it."""
        path = ask_import(self._window, folder)
        if path is not None:
            self.add_file(path)

    def add_file(self, path: Path) -> None:
        """Add labels or predictions from a file."""
        try:
            labels = read_labels(path, self._session.review)
        except MespotError as error:
            self._telling.fail(error)
        else:
            self._add_if_wanted(labels)

    def ask_soon(self, labels: Labels, scores: Path | None) -> None:
        """Ask whether labels that the window was opened with, and their scores, are meant."""

        def ask() -> None:
            if self._is_closed or not self._add_if_wanted(labels) or scores is None:
                return
            try:
                add_scores(self._session, scores)
            except MespotError as error:
                self._telling.fail(error)

        QTimer.singleShot(_ASK_MS, ask)

    def follow_layer(self, event: Any) -> None:
        """Take a table that was opened or dropped, which napari has made a layer of."""
        layer = event.value
        annotation = layer.metadata.get(ANNOTATION_KEY)
        if annotation is None:
            return
        # Of a table of many videos only this one is meant.
        is_one_of_many = layer.metadata.get(OF_MANY_KEY, False)
        if is_one_of_many and not same_video(annotation.video_id, self._session.review.video_id):
            return
        # To ask at once would hold up napari in the middle of adding the layer.
        QTimer.singleShot(0, lambda: self._take_table(layer, annotation))

    def _take_table(self, layer: "Layer", annotation: Annotation) -> None:
        if self._is_closed or layer not in self._layers:
            return
        review = self._session.review
        try:
            review.with_annotation(annotation)
        except MespotError as error:
            self._telling.fail(error)
            return
        if self._add_if_wanted(Labels(Path(layer.name), annotation, doubt_of(annotation, review))):
            self._layers.remove(layer)

    def _add_if_wanted(self, labels: Labels) -> bool:
        """Add labels; those that seem to be of another video only when the user says so."""
        name = labels.path.name
        if labels.doubt and not ask_about_labels(self._window, name, labels.doubt):
            self._session.say(f"{name} was not added: it is of another video")
            return False
        for text in add_labels(self._session, labels):
            self._telling.tell(text)
        return True
