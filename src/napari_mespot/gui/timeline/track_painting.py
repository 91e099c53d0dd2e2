"""Draws the score tracks with their thresholds, and further tracks."""

import numpy as np
from qtpy.QtCore import QLineF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QPainter, QPen

from napari_mespot.gui.timeline.curves import Curve, draw_curve
from napari_mespot.gui.timeline.decimate import runs
from napari_mespot.gui.timeline.handles import Handle, handles_of
from napari_mespot.gui.timeline.layout import Band, ScoreAxis
from napari_mespot.gui.timeline.scene import Scene, clip_to, faded, frame_bars, gutter_text
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
        # Thresholds mean something beside scores only.
        painter.setPen(QColor(colours.faint))
        place = QRectF(scene.layout.left, band.top, scene.layout.time_width, band.height)
        text = "no scores yet: press Run in the Spot tab"
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
        return
    _shade_no_face(painter, scene, band)
    for signal, alpha, width in ((scene.scores, 0.5, 1.0), (scene.smoothed, 1.0, 1.8)):
        if signal is not None:
            colour = colours.of_kind(kind, alpha)
            curve = Curve(signal.of_kind(kind), signal.first_frame, top, colour, width)
            draw_curve(painter, curve, band, scene.view)
    _draw_thresholds(painter, scene, band, kind)


def _draw_thresholds(painter: QPainter, scene: Scene, band: Band, kind: ExpressionKind) -> None:
    rules, top = scene.review.rules.detection.of_kind(kind), scene.tops[kind]
    handles = handles_of(ScoreAxis(band, top), rules, scene.layout.right)
    for handle in handles:
        style = Qt.PenStyle.DotLine if handle.is_low else Qt.PenStyle.DashLine
        painter.setPen(QPen(faded(scene.colours.text, 0.85), 1.2, style))
        painter.drawLine(QLineF(scene.layout.left, handle.line, scene.layout.right, handle.line))
    for handle in handles:  # over both lines
        _draw_handle(painter, scene, handle)


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


def _draw_handle(painter: QPainter, scene: Scene, handle: Handle) -> None:
    """Draw the label by which a threshold is dragged."""
    box = QRectF(handle.left, handle.top, handle.width, handle.height).adjusted(0.5, 0.5, -0.5, 0)
    painter.setPen(QPen(faded(scene.colours.text, 0.45), 1))
    painter.setBrush(faded(scene.colours.background, 0.9))
    painter.drawRoundedRect(box, 3, 3)
    verb = "goes on to" if handle.is_low else "starts at"
    painter.setPen(QColor(scene.colours.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"↕ {verb} {handle.value:.3g}")


def _shade_no_face(painter: QPainter, scene: Scene, band: Band) -> None:
    """Hatch the frames in which no face was found."""
    scores = scene.scores
    if scores is None or scores.found.all():
        return
    # Frames that are still to be scored have no value, but are not without a face.
    brush = QBrush(faded(scene.colours.faint, 0.35), Qt.BrushStyle.BDiagPattern)
    spans = runs(np.logical_not(scores.found)) + scores.first_frame
    for left, width in frame_bars(spans, scene.view):
        painter.fillRect(QRectF(left, band.top, width, band.height), brush)


def paint_extra(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw a further track, from its lowest to its highest value."""
    name = band.name.partition(":")[2]
    gutter_text(painter, scene, band, name, QColor(scene.colours.text))
    clip_to(painter, scene, band)
    curve = Curve(scene.extras[name], 0, 1.0, faded(scene.colours.text, 0.8), 1.2)
    draw_curve(painter, curve, band, scene.view)
