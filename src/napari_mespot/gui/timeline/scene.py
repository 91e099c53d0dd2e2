"""All that the timeline draws, as one value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter

from napari_mespot.gui.review import Review
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.lanes import Lane
from napari_mespot.gui.timeline.layout import Band, Layout
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind, ScoreSignal

__all__ = ["Scene", "clip_to", "gutter_text"]


@dataclass(frozen=True)
class Scene:
    """All that is drawn.

    Parameters
    ----------
    review, lanes
        The intervals.
    scores, smoothed
        The tracks; None before the network has run.
    extras
        Further tracks by name, values of shape (n_frames,).
    tops
        Upper end of the score axis of each kind.
    selected
        Key of the selected interval.
    layout, view, colours
        Where, what and how.
    """

    review: Review
    lanes: dict[ExpressionKind, Lane]
    scores: ScoreSignal | None
    smoothed: ScoreSignal | None
    extras: dict[str, NDArray[np.float32]]
    tops: dict[ExpressionKind, float]
    selected: str | None
    layout: Layout
    view: TimeView
    colours: TimelineColours


def gutter_text(painter: QPainter, scene: Scene, band: Band, text: str, colour: QColor) -> None:
    """Write a name into the column at the left."""
    painter.setPen(colour)
    place = QRectF(4, band.top, scene.layout.left - 10, band.height)
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def clip_to(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw nothing outside of a band and the time axis."""
    painter.setClipRect(QRectF(scene.layout.left, band.top, scene.layout.time_width, band.height))
