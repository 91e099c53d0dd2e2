"""Draws the intervals in their lanes."""

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from napari_mespot.gui.review import Item
from napari_mespot.gui.timeline.decimate import bars
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.lanes import Lane, State
from napari_mespot.gui.timeline.layout import Band
from napari_mespot.gui.timeline.scene import (
    Scene,
    clip_to,
    faded,
    fill_bars,
    frame_bars,
    gutter_text,
)
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["paint_lane"]

_TEXT_PX = 34.0
_NARROW_PX = 3.0
_BEYOND_PX = 20.0
_LEFT_OUT_PX = 4.0
_PX_PER_ITEM = 8.0
"""With fewer pixels to an interval than these, a lane is crowded."""
_MARKS = {
    ReviewStatus.ACCEPTED: "✓",
    ReviewStatus.CORRECTED: "✓",
    ReviewStatus.LABELLED: "✓",
    ReviewStatus.REJECTED: "✗",
    ReviewStatus.UNCERTAIN: "?",
}
_FILL = {ReviewStatus.PREDICTED: 0.40, ReviewStatus.REJECTED: 0.0, ReviewStatus.UNCERTAIN: 0.55}
_CROWD = ((State.REJECTED, 0.25), (State.OPEN, 0.5), (State.PRESENT, 0.95))


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
    painter.setBrush(faded(scene.colours.faint, 0.13))
    fill_bars(painter, frame_bars(scene.reviewed, scene.view), band.top, band.height)
    _draw_left_out(painter, scene, band, kind)
    lane = scene.lanes[kind]
    visible = lane.visible(scene.view.start, scene.view.end)
    if len(visible) * _PX_PER_ITEM > scene.view.width:
        _draw_crowd(painter, scene, band, lane, visible)
    else:
        for index in visible.tolist():
            _draw_item(painter, scene, band, lane, index)
        _draw_originals(painter, scene, band, lane)
    selected = lane.index_of(scene.selected) if scene.selected else -1
    if selected >= 0:
        _draw_item(painter, scene, band, lane, selected)
        _draw_selection(painter, scene, band, lane, selected)


def _draw_crowd(
    painter: QPainter, scene: Scene, band: Band, lane: Lane, visible: NDArray[np.int64]
) -> None:
    """Draw more intervals than there is room for: touching ones of one state become one bar."""
    lefts = scene.view.xs(lane.onsets[visible] - 0.5)
    rights = scene.view.xs(lane.offsets[visible] + 0.5)
    states, kind = lane.states[visible], lane.items[0].kind
    for state, alpha in _CROWD:
        chosen = states == state
        painter.setBrush(scene.colours.of_kind(kind, alpha))
        fill_bars(painter, bars(lefts[chosen], rights[chosen]), band.top + 4, band.height - 8)


def _box(scene: Scene, band: Band, lane: Lane, index: int) -> QRectF:
    item = lane.items[index]
    left, right = _cut(scene, *item_span(scene.view, item.onset, item.offset))
    height = band.height / int(lane.n_rows[index])
    top = band.top + int(lane.rows[index]) * height
    room = 3 if height > 12 else 1.5
    return QRectF(left, top + room, max(1.5, right - left), height - 2 * room)


def _draw_item(painter: QPainter, scene: Scene, band: Band, lane: Lane, index: int) -> None:
    item, box = lane.items[index], _box(scene, band, lane, index)
    colour = scene.colours.of_kind(item.kind)
    if box.width() < _NARROW_PX:
        faint = item.status is ReviewStatus.REJECTED
        painter.fillRect(box, scene.colours.of_kind(item.kind, 0.35 if faint else 0.9))
        return
    painter.setBrush(_brush(scene, item))
    is_rejected = item.status is ReviewStatus.REJECTED
    is_long = scene.review.is_long(item)
    style = Qt.PenStyle.DashLine if is_rejected else Qt.PenStyle.SolidLine
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.DotLine) if is_long else QPen(colour, 1.3, style))
    painter.drawRect(box)
    if is_rejected:
        painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))
    _draw_apex(painter, scene, item, box)
    if box.width() >= _TEXT_PX and box.height() >= 9:
        _draw_text(painter, scene, item, box)


def _brush(scene: Scene, item: Item) -> QBrush:
    colour = scene.colours.of_kind(item.kind, _FILL.get(item.status, 0.92))
    if item.status is ReviewStatus.UNCERTAIN:
        return QBrush(colour, Qt.BrushStyle.BDiagPattern)
    if scene.review.is_long(item):
        return QBrush(colour, Qt.BrushStyle.Dense5Pattern)
    return QBrush(colour)


def _draw_originals(painter: QPainter, scene: Scene, band: Band, lane: Lane) -> None:
    """Draw where the model had put what a person has moved, or made the other kind: outlines."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(faded(scene.colours.text, 0.85), 1))
    for uid, original in lane.originals:
        if original.onset - 0.5 < scene.view.end and original.offset + 0.5 > scene.view.start:
            left, right = item_span(scene.view, original.onset, original.offset)
            if right - left < _NARROW_PX:
                continue
            left, right = _cut(scene, left, right)
            index = lane.index_of(uid)
            rows, row = (lane.n_rows[index], lane.rows[index]) if index >= 0 else (1, 0)
            height = band.height / int(rows)
            # Higher than the box of its correction, so that both are seen.
            top = band.top + int(row) * height + 0.5
            painter.drawRect(QRectF(left, top, right - left, height - 1))


def _draw_left_out(painter: QPainter, scene: Scene, band: Band, kind: ExpressionKind) -> None:
    """Draw what would be predicted if it were not too short: a dotted box with the reason."""
    shortest = scene.review.rules.detection.of_kind(kind).min_duration_s
    for expression in scene.left_out:
        if expression.kind is not kind:
            continue
        left, right = item_span(scene.view, expression.onset, expression.offset)
        if right < scene.view.left or left > scene.view.left + scene.view.width:
            continue
        left, right = _cut(scene, left, right)
        box = QRectF(left, band.top + 2.5, max(_LEFT_OUT_PX, right - left), band.height - 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(scene.colours.of_kind(kind), 1.3, Qt.PenStyle.DotLine))
        painter.drawRect(box)
        inside = box.adjusted(6, 0, -4, 0)
        inside.setLeft(max(inside.left(), scene.view.left + 6))
        if inside.width() >= _TEXT_PX:
            seconds = float(scene.review.seconds(expression.interval))
            text = f"too short: {seconds:.2g} s < {shortest:g} s"
            metrics = QFontMetricsF(painter.font())
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
            painter.setPen(QColor(scene.colours.faint))
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(inside, int(align), shown)


def _cut(scene: Scene, left: float, right: float) -> tuple[float, float]:
    """Return ends in view, or just out of it: dashes along thousands of pixels take Qt long."""
    end = scene.view.left + scene.view.width + _BEYOND_PX
    return max(left, scene.view.left - _BEYOND_PX), min(right, end)


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
    long = ""
    if scene.review.is_long(item):
        longest = scene.review.rules.detection.mae.max_duration_s
        long = (
            f"long: {float(scene.review.seconds(item.expression.interval)):.1f} s > {longest:g} s"
        )
    parts = (_MARKS.get(item.status, ""), item.expression.action_units, long)
    text = " ".join(filter(None, parts))
    if not text:
        return
    # The text of a long interval stays in view when its onset does not.
    inside = QRectF(box)
    inside.setLeft(max(box.left(), scene.view.left))
    inside = inside.adjusted(6, 3 if box.height() > 16 else 0, -4, 0)
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
    solid = item.status.is_present
    ground = scene.colours.of_kind(item.kind)
    bright = ground.lightnessF() > 0.5
    colour = QColor("#000000" if bright else "#ffffff") if solid else QColor(scene.colours.text)
    painter.setPen(colour)
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(inside, int(align), shown)


def _draw_selection(painter: QPainter, scene: Scene, band: Band, lane: Lane, index: int) -> None:
    box = _box(scene, band, lane, index).adjusted(-1.5, -1.5, 1.5, 1.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(scene.colours.highlight), 2.2))
    painter.drawRoundedRect(box, 2, 2)
