"""Small icons drawn in the colour of the text, so that they suit any theme and any scale."""

from collections.abc import Callable

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

__all__ = ["ICONS", "icon"]

_SIDE = 64  # drawn large and scaled down by Qt


def icon(name: str, colour: QColor) -> QIcon:
    """Return an icon of :data:`ICONS` in a colour, faded where its button is disabled."""
    result = QIcon()
    faded = QColor(colour)
    faded.setAlphaF(0.35)
    for mode, tint in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, faded)):
        result.addPixmap(_drawn(name, tint), mode)
    return result


def _drawn(name: str, colour: QColor) -> QPixmap:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    ICONS[name](painter, colour)
    painter.end()
    return pixmap


def _polygon(painter: QPainter, *points: tuple[float, float]) -> None:
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))


def _line_pen(painter: QPainter, colour: QColor, width: float = 6) -> None:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _play(painter: QPainter, colour: QColor) -> None:
    _polygon(painter, (16, 10), (54, 32), (16, 54))


def _pause(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(16, 12, 11, 40))
    painter.drawRect(QRectF(37, 12, 11, 40))


def _step_back(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(44, 14, 7, 36))
    _polygon(painter, (40, 14), (12, 32), (40, 50))


def _step_on(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(13, 14, 7, 36))
    _polygon(painter, (24, 14), (52, 32), (24, 50))


def _previous(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(9, 14, 6, 36))
    _polygon(painter, (36, 14), (16, 32), (36, 50))
    _polygon(painter, (57, 14), (37, 32), (57, 50))


def _next(painter: QPainter, colour: QColor) -> None:
    painter.drawRect(QRectF(49, 14, 6, 36))
    _polygon(painter, (28, 14), (48, 32), (28, 50))
    _polygon(painter, (7, 14), (27, 32), (7, 50))


def _loop(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour)
    painter.drawArc(QRectF(12, 12, 40, 40), 60 * 16, 280 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    _polygon(painter, (36, 4), (54, 17), (35, 25))


def _flicker(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour, 5)
    painter.drawRect(QRectF(8, 8, 32, 32))
    painter.setBrush(colour)
    painter.drawRect(QRectF(24, 24, 32, 32))


def _undo(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour, 7)
    path = QPainterPath(QPointF(20, 22))
    path.cubicTo(QPointF(60, 14), QPointF(62, 54), QPointF(26, 52))
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    _polygon(painter, (6, 22), (26, 8), (26, 36))


def _redo(painter: QPainter, colour: QColor) -> None:
    painter.translate(_SIDE, 0)
    painter.scale(-1, 1)
    _undo(painter, colour)


def _save(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour, 5)
    painter.drawRoundedRect(QRectF(10, 10, 44, 44), 4, 4)
    painter.drawRect(QRectF(20, 34, 24, 20))
    painter.setBrush(colour)
    painter.drawRect(QRectF(21, 11, 18, 11))


def _keys(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour, 5)
    painter.drawRoundedRect(QRectF(5, 15, 54, 34), 5, 5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x in (14, 25, 36, 47):
        painter.drawRect(QRectF(x - 2, 23, 6, 6))
    painter.drawRect(QRectF(19, 36, 27, 6))


def _fit_picture(painter: QPainter, colour: QColor) -> None:
    _line_pen(painter, colour, 6)
    for x, y in ((10, 10), (54, 10), (54, 54), (10, 54)):
        inwards_x, inwards_y = (15 if x < 32 else -15), (15 if y < 32 else -15)
        painter.drawPolyline(
            QPolygonF([QPointF(x + inwards_x, y), QPointF(x, y), QPointF(x, y + inwards_y)])
        )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(23, 21, 18, 22))


ICONS: dict[str, Callable[[QPainter, QColor], None]] = {
    "fit_picture": _fit_picture,
    "flicker": _flicker,
    "keys": _keys,
    "loop": _loop,
    "next": _next,
    "pause": _pause,
    "play": _play,
    "previous": _previous,
    "redo": _redo,
    "save": _save,
    "step_back": _step_back,
    "step_on": _step_on,
    "undo": _undo,
}
"""Name → drawing on a square of 64 units."""
