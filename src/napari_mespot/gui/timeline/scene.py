"""All that the timeline draws, as one value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QLineF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter

from napari_mespot.gui.review import Review
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.decimate import bars
from napari_mespot.gui.timeline.lanes import Lane
from napari_mespot.gui.timeline.layout import Band, Layout
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import Expression, ExpressionKind, ScoreSignal

__all__ = ["Scene", "clip_to", "draw_lines", "faded", "fill_bars", "frame_bars", "gutter_text"]


@dataclass(frozen=True)
class Scene:
    """All that is drawn.

    Parameters
    ----------
    review, lanes
        The intervals.
    scores, smoothed
        The tracks; None before the network has run.
    left_out
        What would be predicted, but is too short.
    reviewed
        First and last frame of every reviewed range, in order, shape (n, 2).
    extras
        Further tracks by name, values of shape (n_frames,) from 0 to 1.
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
    left_out: tuple[Expression, ...]
    reviewed: NDArray[np.int64]
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


def faded(colour: str, alpha: float) -> QColor:
    """Return a colour that lets the ground through."""
    out = QColor(colour)
    out.setAlphaF(alpha)
    return out


def frame_bars(spans: NDArray[np.int64], view: TimeView) -> tuple[tuple[float, float], ...]:
    """Return left end and width, in pixels, of stretches of frames as they are seen.

    Parameters
    ----------
    spans
        First and last frame of each, in order and disjoint, shape (n, 2).
    view
        What is shown.
    """
    shown = spans[(spans[:, 1] + 0.5 > view.start) & (spans[:, 0] - 0.5 < view.end)]
    ends = view.left, view.left + view.width
    lefts = np.clip(view.xs(shown[:, 0] - 0.5), *ends)
    return bars(lefts, np.clip(view.xs(shown[:, 1] + 0.5), *ends))


def fill_bars(
    painter: QPainter, drawn: Iterable[tuple[float, float]], top: float, height: float
) -> None:
    """Fill bars, given by left end and width, with the painter's brush."""
    rects = [QRectF(left, top, width, height) for left, width in drawn]
    if rects:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        # Both bindings take a list; the stubs of PyQt do not say so.
        painter.drawRects(rects)  # type: ignore[call-overload]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def draw_lines(painter: QPainter, drawn: Sequence[QLineF]) -> None:
    """Draw many lines at once."""
    if drawn:
        painter.drawLines(drawn)  # type: ignore[call-overload]
