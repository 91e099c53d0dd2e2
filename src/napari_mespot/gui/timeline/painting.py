"""Draws the parts of the timeline that change only with review, view or size."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from napari_mespot.gui.review import Item, Review
from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.decimate import columns, runs
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.lanes import Lane
from napari_mespot.gui.timeline.layout import Band, Layout
from napari_mespot.gui.timeline.ruler import frame_ticks, second_ticks, time_text
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus, ScoreSignal

__all__ = ["Scene", "paint_draft", "paint_static"]

_LABEL_PX = 78.0
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


def paint_static(painter: QPainter, scene: Scene) -> None:
    """Draw everything but the playhead and the cursor."""
    layout, colours = scene.layout, scene.colours
    painter.fillRect(QRectF(0, 0, layout.width, layout.height), QColor(colours.background))
    for band in layout.bands:
        if band.role != "ruler":
            _fill(painter, layout, band, QColor(colours.band))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for band in layout.bands:
        painter.save()
        _PAINTERS[band.role](painter, scene, band)
        painter.restore()


def paint_draft(painter: QPainter, scene: Scene, kind: ExpressionKind, interval: Interval) -> None:
    """Draw an interval that is being drawn by the user."""
    band = scene.layout.lane(kind)
    left, right = item_span(scene.view, interval.onset, interval.offset)
    painter.setPen(QPen(QColor(scene.colours.highlight), 1.5))
    painter.setBrush(scene.colours.of_kind(kind, 0.5))
    painter.drawRect(QRectF(left, band.top + 2, max(1.5, right - left), band.height - 4))


def _fill(painter: QPainter, layout: Layout, band: Band, colour: QColor) -> None:
    painter.fillRect(QRectF(layout.left, band.top, layout.time_width, band.height), colour)


def _gutter(painter: QPainter, scene: Scene, band: Band, text: str, colour: QColor) -> None:
    painter.setPen(colour)
    place = QRectF(4, band.top, scene.layout.left - 10, band.height)
    metrics = QFontMetricsF(painter.font())
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _clip(painter: QPainter, scene: Scene, band: Band) -> None:
    painter.setClipRect(QRectF(scene.layout.left, band.top, scene.layout.time_width, band.height))


# -- overview and ruler ---------------------------------------------------------------------


def _paint_overview(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the whole video: what is reviewed, where intervals are, which part is shown."""
    layout = scene.layout
    whole = TimeView.whole(scene.review.n_frames, layout.left, layout.time_width)
    _clip(painter, scene, band)
    grey = QColor(scene.colours.faint)
    grey.setAlphaF(0.28)
    for span in scene.review.reviewed:
        left, right = item_span(whole, span.onset, span.offset)
        painter.fillRect(QRectF(left, band.top, max(1.0, right - left), band.height), grey)
    half = (band.height - 6) / 2
    for row, (kind, lane) in enumerate(scene.lanes.items()):
        if len(lane.items):
            xs = np.unique(np.floor(whole.xs((lane.onsets + lane.offsets) / 2)))
            top = band.top + 3 + row * half
            painter.setPen(QPen(scene.colours.of_kind(kind), 1.0))
            painter.drawLines([QLineF(x + 0.5, top, x + 0.5, top + half - 1) for x in xs.tolist()])
    if not scene.view.is_whole:
        left, right = whole.x(scene.view.start), whole.x(scene.view.end)
        shade = QColor(scene.colours.background)
        shade.setAlphaF(0.55)
        end = layout.left + layout.time_width
        painter.fillRect(QRectF(layout.left, band.top, left - layout.left, band.height), shade)
        painter.fillRect(QRectF(right, band.top, end - right, band.height), shade)
        painter.setPen(QPen(QColor(scene.colours.text), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = max(4.0, right - left)
        painter.drawRoundedRect(QRectF(left, band.top + 0.6, width, band.height - 1.2), 3, 3)


def _paint_ruler(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw seconds above and frames below, and a bar where somebody has looked."""
    view, colours, layout = scene.view, scene.colours, scene.layout
    rate = float(scene.review.frame_rate)
    painter.setClipRect(QRectF(layout.left - 20, band.top, layout.time_width + 30, band.height))
    most = max(2, int(layout.time_width / _LABEL_PX))
    middle = band.top + band.height / 2
    seconds = second_ticks(view.start / rate, view.end / rate, most)
    step = seconds[1] - seconds[0] if len(seconds) > 1 else 1.0
    _ticks(
        painter,
        [(view.x(t * rate), time_text(t, step)) for t in seconds],
        (band.top, middle),
        QColor(colours.text),
        QColor(colours.line),
    )
    frames = frame_ticks(view.start, view.end, most)
    _ticks(
        painter,
        [(view.x(f), str(f)) for f in frames],
        (middle, band.bottom - 3),
        QColor(colours.faint),
        QColor(colours.line),
    )
    bar = QColor(colours.highlight)
    bar.setAlphaF(0.75)
    for span in scene.review.reviewed:
        left, right = item_span(view, span.onset, span.offset)
        left, right = max(left, layout.left), min(right, layout.left + layout.time_width)
        if right > left:
            painter.fillRect(QRectF(left, band.bottom - 2, right - left, 2), bar)


def _ticks(
    painter: QPainter,
    ticks: Iterable[tuple[float, str]],
    rows: tuple[float, float],
    text: QColor,
    line: QColor,
) -> None:
    top, bottom = rows
    metrics = QFontMetricsF(painter.font())
    for x, label in ticks:
        painter.setPen(QPen(line, 1))
        painter.drawLine(QLineF(x, top + 1, x, bottom))
        painter.setPen(text)
        painter.drawText(QPointF(x + 4, (top + bottom + metrics.capHeight()) / 2), label)


# -- tracks ---------------------------------------------------------------------------------


def _paint_track(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the scores of one kind with both thresholds."""
    kind = band.kind
    if kind is None:
        return
    colours, top = scene.colours, scene.tops[kind]
    _gutter_scale(painter, scene, band, kind, top)
    _clip(painter, scene, band)
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
    _gutter(painter, scene, band, kind.value, colour)
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
    painter.drawLines([QLineF(a, b, a, max(c, b + 1)) for a, b, c in lines])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_extra(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw a further track, from its lowest to its highest value."""
    name = band.name.partition(":")[2]
    values = scene.extras[name]
    _gutter(painter, scene, band, name, QColor(scene.colours.text))
    known = values[np.isfinite(values)]
    if known.size:
        low, high = float(known.min()), float(known.max())
        low = min(low, 0.0)
        _clip(painter, scene, band)
        scaled = (values - low) / (high - low if high > low else 1.0)
        _draw_values(painter, scene, band, scaled, 1.0, (None, 0.8, 1.0))


# -- lanes ----------------------------------------------------------------------------------


def _paint_lane(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the intervals of one kind."""
    kind = band.kind
    if kind is None:
        return
    bold = painter.font()
    bold.setBold(True)
    plain = painter.font()
    painter.setFont(bold)
    _gutter(painter, scene, band, kind.value, scene.colours.of_kind(kind))
    painter.setFont(plain)
    _clip(painter, scene, band)
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
            [
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


_PAINTERS = {
    "overview": _paint_overview,
    "ruler": _paint_ruler,
    "track": _paint_track,
    "extra": _paint_extra,
    "lane": _paint_lane,
}
