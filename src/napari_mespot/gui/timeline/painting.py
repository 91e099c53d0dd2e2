"""Draws everything in the timeline that changes only with review, view or size."""

from qtpy.QtCore import QRectF
from qtpy.QtGui import QColor, QPainter, QPen

from napari_mespot.gui.timeline.axis_painting import paint_overview, paint_ruler
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.lane_painting import paint_lane
from napari_mespot.gui.timeline.layout import Band, Layout
from napari_mespot.gui.timeline.scene import Scene
from napari_mespot.gui.timeline.track_painting import paint_extra, paint_track
from napari_mespot.model import ExpressionKind, Interval

__all__ = ["paint_draft", "paint_static"]


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


_PAINTERS = {
    "overview": paint_overview,
    "ruler": paint_ruler,
    "track": paint_track,
    "extra": paint_extra,
    "lane": paint_lane,
}
