"""Draws the intervals in their lanes."""

import numpy as np
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from napari_mespot.gui.review import Item
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.lanes import Lane
from napari_mespot.gui.timeline.layout import Band
from napari_mespot.gui.timeline.scene import Scene, clip_to, gutter_text
from napari_mespot.model import ReviewStatus

__all__ = ["paint_lane"]

_TEXT_PX = 34.0
_NARROW_PX = 3.0
_MARKS = {
    ReviewStatus.ACCEPTED: "✓",
    ReviewStatus.CORRECTED: "✓",
    ReviewStatus.LABELLED: "✓",
    ReviewStatus.REJECTED: "✗",
    ReviewStatus.UNCERTAIN: "?",
}
_FILL = {ReviewStatus.PREDICTED: 0.40, ReviewStatus.REJECTED: 0.0, ReviewStatus.UNCERTAIN: 0.55}


def paint_lane(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the intervals of one kind."""
    kind = band.kind
    if kind is None:
        return
    bold = painter.font()
    bold.setBold(True)
    plain = painter.font()
    painter.setFont(bold)
    gutter_text(painter, scene, band, kind.value, scene.colours.of_kind(kind))
    painter.setFont(plain)
    clip_to(painter, scene, band)
    _shade_reviewed(painter, scene, band)
    lane = scene.lanes[kind]
    visible = lane.visible(scene.view.start, scene.view.end)
    if len(visible) > scene.view.width / 4:
        _draw_crowd(painter, scene, band, lane, visible)
    else:
        for index in visible:
            _draw_item(painter, scene, band, lane, index)
    selected = lane.index_of(scene.selected) if scene.selected else -1
    if selected >= 0:
        _draw_item(painter, scene, band, lane, selected)
        _draw_selection(painter, scene, band, lane, selected)


def _shade_reviewed(painter: QPainter, scene: Scene, band: Band) -> None:
    colour = QColor(scene.colours.faint)
    colour.setAlphaF(0.13)
    for span in scene.review.reviewed:
        left, right = item_span(scene.view, span.onset, span.offset)
        painter.fillRect(QRectF(left, band.top, right - left, band.height), colour)


def _draw_crowd(painter: QPainter, scene: Scene, band: Band, lane: Lane, visible: range) -> None:
    """Draw more intervals than pixels: touching ones of one state become one bar."""
    kind = lane.items[visible.start].kind
    states = np.array([lane.items[i].status.is_present for i in visible])
    part = slice(visible.start, visible.stop)
    lefts = np.floor(scene.view.xs(lane.onsets[part] - 0.5))
    rights = np.maximum(np.ceil(scene.view.xs(lane.offsets[part] + 0.5)), lefts + 1)
    for present, alpha in ((False, 0.45), (True, 0.95)):
        chosen = states == present
        if not chosen.any():
            continue
        a, b = lefts[chosen], np.maximum.accumulate(rights[chosen])
        cut = np.flatnonzero(a[1:] > b[:-1])
        starts = a[np.concatenate([[0], cut + 1])]
        ends = b[np.concatenate([cut, [len(b) - 1]])]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scene.colours.of_kind(kind, alpha))
        painter.drawRects(
            *[
                QRectF(x, band.top + 4, max(1.0, end - x), band.height - 8)
                for x, end in zip(starts.tolist(), ends.tolist(), strict=True)
            ]
        )


def _box(scene: Scene, band: Band, lane: Lane, index: int) -> QRectF:
    item = lane.items[index]
    left, right = item_span(scene.view, item.onset, item.offset)
    height = band.height / int(lane.n_rows[index])
    top = band.top + int(lane.rows[index]) * height
    return QRectF(left, top + 2, max(1.5, right - left), height - 4)


def _draw_item(painter: QPainter, scene: Scene, band: Band, lane: Lane, index: int) -> None:
    item, box = lane.items[index], _box(scene, band, lane, index)
    colour = scene.colours.of_kind(item.kind)
    if box.width() < _NARROW_PX:
        faint = item.status is ReviewStatus.REJECTED
        painter.fillRect(box, scene.colours.of_kind(item.kind, 0.35 if faint else 0.9))
        return
    painter.setBrush(_brush(scene, item))
    is_rejected = item.status is ReviewStatus.REJECTED
    painter.setPen(
        QPen(colour, 1.3, Qt.PenStyle.DashLine if is_rejected else Qt.PenStyle.SolidLine)
    )
    painter.drawRect(box)
    if is_rejected:
        painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))
    _draw_original(painter, scene, item, box)
    _draw_apex(painter, scene, item, box)
    if box.width() >= _TEXT_PX and box.height() >= 9:
        _draw_text(painter, scene, item, box)


def _brush(scene: Scene, item: Item) -> QBrush:
    colour = scene.colours.of_kind(item.kind, _FILL.get(item.status, 0.92))
    if item.status is ReviewStatus.UNCERTAIN:
        return QBrush(colour, Qt.BrushStyle.BDiagPattern)
    return QBrush(colour)


def _draw_original(painter: QPainter, scene: Scene, item: Item, box: QRectF) -> None:
    """Draw where the model had put a corrected interval: a thin bracket at the bottom."""
    original = item.original
    if original is None or original.interval == item.expression.interval:
        return
    left, right = item_span(scene.view, original.onset, original.offset)
    y = box.bottom() + 1
    painter.setPen(QPen(QColor(scene.colours.text), 1.2))
    painter.drawLine(QLineF(left, y, right, y))
    painter.drawLine(QLineF(left, y, left, y - 5))
    painter.drawLine(QLineF(right, y, right, y - 5))


def _draw_apex(painter: QPainter, scene: Scene, item: Item, box: QRectF) -> None:
    apex = item.expression.apex
    if apex is None or box.width() < 10:
        return
    x = scene.view.x(apex)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(scene.colours.text))
    painter.drawPolygon(
        QPolygonF([QPointF(x - 4, box.top()), QPointF(x + 4, box.top()), QPointF(x, box.top() + 6)])
    )


def _draw_text(painter: QPainter, scene: Scene, item: Item, box: QRectF) -> None:
    parts = (_MARKS.get(item.status, ""), item.expression.action_units)
    text = " ".join(filter(None, parts))
    if not text:
        return
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() - 10)
    solid = item.status.is_present
    ground = scene.colours.of_kind(item.kind)
    bright = ground.lightnessF() > 0.5
    colour = QColor("#000000" if bright else "#ffffff") if solid else QColor(scene.colours.text)
    painter.setPen(colour)
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(box.adjusted(6, 3, -4, 0), int(align), shown)


def _draw_selection(painter: QPainter, scene: Scene, band: Band, lane: Lane, index: int) -> None:
    box = _box(scene, band, lane, index).adjusted(-1.5, -1.5, 1.5, 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(scene.colours.highlight), 2.2))
    painter.drawRoundedRect(box, 2, 2)
