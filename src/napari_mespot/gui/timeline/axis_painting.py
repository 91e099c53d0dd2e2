"""Draws the overview of the whole video and the ruler."""

from collections.abc import Iterable

import numpy as np
from qtpy.QtCore import QLineF, QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFontMetricsF, QPainter, QPen

from napari_mespot.gui.timeline.layout import Band
from napari_mespot.gui.timeline.ruler import (
    apart,
    frame_ticks,
    second_step,
    second_ticks,
    time_text,
)
from napari_mespot.gui.timeline.scene import (
    Scene,
    clip_to,
    draw_lines,
    faded,
    fill_bars,
    frame_bars,
)
from napari_mespot.gui.timeline.view import TimeView

__all__ = ["paint_overview", "paint_ruler"]

_LABEL_PX = 78.0
_CLOSEST_PX = 40.0


def paint_overview(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw the whole video: what is reviewed, where intervals are, which part is shown."""
    layout = scene.layout
    whole = TimeView.whole(scene.review.n_frames, layout.left, layout.time_width)
    clip_to(painter, scene, band)
    painter.setBrush(faded(scene.colours.faint, 0.28))
    fill_bars(painter, frame_bars(scene.reviewed, whole), band.top, band.height)
    half = (band.height - 6) / 2
    for row, (kind, lane) in enumerate(scene.lanes.items()):
        if len(lane.items):
            xs = np.unique(np.floor(whole.xs((lane.onsets + lane.offsets) / 2)))
            top = band.top + 3 + row * half
            painter.setPen(QPen(scene.colours.of_kind(kind), 1.0))
            draw_lines(
                painter, [QLineF(x + 0.5, top, x + 0.5, top + half - 1) for x in xs.tolist()]
            )
    if not scene.view.is_whole:
        left, right = whole.x(scene.view.start), whole.x(scene.view.end)
        shade = faded(scene.colours.background, 0.55)
        end = layout.left + layout.time_width
        painter.fillRect(QRectF(layout.left, band.top, left - layout.left, band.height), shade)
        painter.fillRect(QRectF(right, band.top, end - right, band.height), shade)
        painter.setPen(QPen(QColor(scene.colours.text), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A short stretch of a long video is still to be seen, also at its end.
        width = max(4.0, right - left)
        left = min(left, end - width)
        painter.drawRoundedRect(QRectF(left, band.top + 0.6, width, band.height - 1.2), 3, 3)


def paint_ruler(painter: QPainter, scene: Scene, band: Band) -> None:
    """Draw seconds above and frames below, and a bar where somebody has looked."""
    view, colours, layout = scene.view, scene.colours, scene.layout
    clock = scene.review.clock
    painter.setClipRect(QRectF(layout.left - 20, band.top, layout.time_width + 30, band.height))
    most = max(2, int(layout.time_width / _LABEL_PX))
    middle = band.top + band.height / 2
    start, end = clock.seconds_at([view.start, view.end]).tolist()
    step, seconds = second_step(start, end, most), second_ticks(start, end, most)
    # Seconds without frames lie close together.
    places = apart(view.xs(clock.places_at(seconds)).tolist(), _CLOSEST_PX)
    _ticks(
        painter,
        [(x, time_text(seconds[row], step)) for row, x in places],
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
    painter.setBrush(faded(colours.highlight, 0.75))
    fill_bars(painter, frame_bars(scene.reviewed, view), band.bottom - 2, 2)


def _ticks(
    painter: QPainter,
    ticks: Iterable[tuple[float, str]],
    rows: tuple[float, float],
    text: QColor,
    line: QColor,
) -> None:
    top, bottom = rows
    right = painter.clipBoundingRect().right()
    metrics = QFontMetricsF(painter.font())
    for x, label in ticks:
        painter.setPen(QPen(line, 1))
        painter.drawLine(QLineF(x, top + 1, x, bottom))
        painter.setPen(text)
        if x + 4 + metrics.horizontalAdvance(label) > right:
            continue  # half a number would be another number
        painter.drawText(QPointF(x + 4, (top + bottom + metrics.capHeight()) / 2), label)
