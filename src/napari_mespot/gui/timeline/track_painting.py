"""Draws the score tracks with their thresholds, and further tracks."""

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from napari_mespot.gui.timeline.decimate import columns, runs
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.layout import Band
from napari_mespot.gui.timeline.scene import Scene, clip_to, gutter_text
from napari_mespot.model import ExpressionKind

__all__ = ["paint_extra", "paint_track"]


def paint_track(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the scores of one kind with both thresholds."""
    kind = band.kind
    if kind is None:
        return
    colours, top = scene.colours, scene.tops[kind]
    _gutter_scale(painter, scene, band, kind, top)
    clip_to(painter, scene, band)
    if scene.scores is None:
        painter.setPen(QColor(colours.faint))
        place = QRectF(scene.layout.left, band.top, scene.layout.time_width, band.height)
        text = "no scores yet: press Run in the Spot tab"
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
    else:
        _shade_no_face(painter, scene, band)
        _draw_values(painter, scene, band, scene.scores.of_kind(kind), top, (kind, 0.5, 1.0))
        if scene.smoothed is not None:
            _draw_values(painter, scene, band, scene.smoothed.of_kind(kind), top, (kind, 1.0, 1.8))
    rules = scene.review.rules.detection.of_kind(kind)
    end = scene.layout.left + scene.layout.time_width
    # Beside each other, so that close lines have readable labels too.
    for value, style, name in (
        (rules.threshold, Qt.PenStyle.DashLine, f"starts at {rules.threshold:.3g}"),
        (rules.low_threshold, Qt.PenStyle.DotLine, f"goes on to {rules.low_threshold:.3g}"),
    ):
        y = band.y(min(1.0, value / top))
        end = _draw_threshold(painter, scene, band, QPointF(end, y), (style, name))


def _gutter_scale(
    painter: QPainter, scene: Scene, band: Band, kind: ExpressionKind, top: float
) -> None:
    colour = scene.colours.of_kind(kind)
    bold = painter.font()
    plain = painter.font()
    bold.setBold(True)
    painter.setFont(bold)
    gutter_text(painter, scene, band, kind.value, colour)
    painter.setFont(plain)
    painter.setPen(QColor(scene.colours.faint))
    right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    for share, text in ((1.0, f"{top:.2g}"), (0.0, "0")):
        y = min(max(band.y(share), band.top + 6), band.bottom - 6)
        painter.drawText(QRectF(0, y - 8, scene.layout.left - 4, 16), right, text)


def _draw_threshold(
    painter: QPainter, scene: Scene, band: Band, place: QPointF, look: tuple[Qt.PenStyle, str]
) -> float:
    """Draw a line with its label ending at a place; return where the label begins."""
    style, text = look
    colour = QColor(scene.colours.text)
    colour.setAlphaF(0.85)
    painter.setPen(QPen(colour, 1.2, style))
    y, left = place.y(), scene.layout.left
    painter.drawLine(QLineF(left, y, left + scene.layout.time_width, y))
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(text) + 8
    top = y - metrics.height() if y - metrics.height() >= band.top else y + 1
    ground = QColor(scene.colours.band)
    ground.setAlphaF(0.75)
    painter.fillRect(QRectF(place.x() - width, top, width, metrics.height() - 1), ground)
    painter.drawText(QPointF(place.x() - width + 4, top + metrics.ascent()), text)
    return place.x() - width - 6


def _shade_no_face(painter: QPainter, scene: Scene, band: Band) -> None:
    """Hatch the frames in which no face was found."""
    scores = scene.scores
    if scores is None or scores.found.all():
        return
    # Frames that are still to be scored have no value, but are not without a face.
    colour = QColor(scene.colours.faint)
    colour.setAlphaF(0.35)
    brush = QBrush(colour, Qt.BrushStyle.BDiagPattern)
    for first, last in runs(~scores.found):
        left, right = item_span(
            scene.view, scores.first_frame + int(first), scores.first_frame + int(last)
        )
        painter.fillRect(QRectF(left, band.top, right - left, band.height), brush)


def _draw_values(
    painter: QPainter,
    scene: Scene,
    band: Band,
    values: NDArray[np.floating],
    top: float,
    style: tuple[ExpressionKind | None, float, float],
) -> None:
    """Draw a curve through the lowest and highest value of every column."""
    kind, alpha, width = style
    x, low, high = columns(values, scene.view)
    if kind is None:
        colour = QColor(scene.colours.text)
        colour.setAlphaF(alpha)
    else:
        colour = scene.colours.of_kind(kind, alpha)
    if low is high:
        painter.setPen(QPen(colour, width))
        _draw_curve(painter, x, _pixels(band, low, top))
    else:
        painter.setPen(QPen(colour, 1))
        _draw_columns(painter, x, _pixels(band, high, top), _pixels(band, low, top))


def _pixels(band: Band, values: NDArray[np.float64], top: float) -> NDArray[np.float64]:
    return band.bottom - 2 - np.clip(values / top, 0, 1.05) * (band.height - 4)


def _draw_curve(painter: QPainter, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> None:
    """Draw a line through points, broken where there is no value."""
    for first, last in runs(~np.isnan(ys)):
        part = slice(first, last + 1)
        points = [QPointF(x, y) for x, y in zip(xs[part].tolist(), ys[part].tolist(), strict=True)]
        if len(points) == 1:
            painter.drawPoint(points[0])
        else:
            painter.drawPolyline(QPolygonF(points))


def _draw_columns(
    painter: QPainter,
    xs: NDArray[np.float64],
    tops: NDArray[np.float64],
    bottoms: NDArray[np.float64],
) -> None:
    """Draw an upright line to each column; neighbours touch, so that they look like a curve.

    A smooth line through as many points would take Qt a hundred times as long.
    """
    known = np.flatnonzero(~np.isnan(tops))
    if not len(known):
        return
    x, high, low = np.floor(xs[known]), tops[known].copy(), bottoms[known].copy()
    beside = np.diff(known) == 1
    # y points down: a column that hangs above its neighbour is drawn down to it.
    gap = beside & (low[:-1] < high[1:])
    low[:-1][gap] = high[1:][gap]
    gap = beside & (high[:-1] > low[1:])
    high[:-1][gap] = low[1:][gap]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    lines = zip(x.tolist(), high.tolist(), low.tolist(), strict=True)
    painter.drawLines(*[QLineF(a, b, a, max(c, b + 1)) for a, b, c in lines])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def paint_extra(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw a further track, from its lowest to its highest value."""
    name = band.name.partition(":")[2]
    values = scene.extras[name]
    gutter_text(painter, scene, band, name, QColor(scene.colours.text))
    known = values[np.isfinite(values)]
    if known.size:
        low, high = float(known.min()), float(known.max())
        low = min(low, 0.0)
        clip_to(painter, scene, band)
        scaled = (values - low) / (high - low if high > low else 1.0)
        _draw_values(painter, scene, band, scaled, 1.0, (None, 0.8, 1.0))
