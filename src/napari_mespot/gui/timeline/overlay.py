"""Draws what moves all the time: the playhead, and the line at the cursor."""

from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.layout import Layout
from napari_mespot.gui.timeline.view import TimeView

__all__ = ["paint_cursor", "paint_playhead"]


def paint_playhead(
    painter: QPainter, frame: int, layout: Layout, view: TimeView, colours: TimelineColours
) -> None:
    """Draw where we are, over all bands and in the overview."""
    overview, ruler = layout.bands[0], layout.bands[1]
    colour = QColor(colours.playhead)
    painter.setPen(QPen(colour, 1.4))
    small = TimeView.whole(view.n_frames, view.left, view.width).x(frame)
    painter.drawLine(QLineF(small, overview.top, small, overview.bottom))
    x = view.x(frame)
    if not view.left - 1 <= x <= view.left + view.width + 1:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawLine(QLineF(x, ruler.top, x, layout.bands[-1].bottom))
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    top = ruler.bottom - 9
    painter.drawPolygon(QPolygonF([QPointF(x - 5, top), QPointF(x + 5, top), QPointF(x, top + 8)]))


def paint_cursor(
    painter: QPainter, place: QPointF, text: str, layout: Layout, colours: TimelineColours
) -> None:
    """Draw a line at the cursor with what is to be said of the frame there."""
    band = layout.at(place.y())
    if place.x() < layout.left or band is None or band.role == "overview":
        return
    painter.setPen(QPen(QColor(colours.faint), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QLineF(place.x(), layout.bands[1].top, place.x(), layout.bands[-1].bottom))
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(text) + 12
    left = min(place.x() + 8, layout.width - width - 2)
    box = QRectF(left, layout.bands[1].top + 1, width, metrics.height() + 2)
    painter.fillRect(box, QColor(colours.background))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QColor(colours.line))
    painter.drawRect(box)
    painter.setPen(QColor(colours.text))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
