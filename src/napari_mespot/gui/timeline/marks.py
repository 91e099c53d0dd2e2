"""Where things lie in the timeline, in pixels: for tests and for whoever points at them."""

from qtpy.QtCore import QPointF

from napari_mespot.gui.timeline.handles import handles_of
from napari_mespot.gui.timeline.hit import item_span
from napari_mespot.gui.timeline.layout import ScoreAxis
from napari_mespot.gui.timeline.scene import Scene
from napari_mespot.model import ExpressionKind

__all__ = ["interval_mark", "lane_mark", "threshold_mark"]


def interval_mark(scene: Scene, uid: str, part: str) -> QPointF:
    """Return the pixel of an interval's ``"onset"``, ``"offset"``, ``"apex"`` or ``"body"``.

    Raises
    ------
    KeyError
        If there is no such interval or part.
    """
    item, view = scene.review.by_uid[uid], scene.view
    lane, band = scene.lanes[item.kind], scene.layout.lane(item.kind)
    left, right = item_span(view, item.onset, item.offset)
    apex, middle = item.expression.apex, (left + right) / 2
    x = {
        "onset": left,
        "offset": right,
        "apex": middle if apex is None else view.x(apex),
        "body": middle,
    }[part]
    index = lane.index_of(uid)
    height = band.height / int(lane.n_rows[index])
    row = band.top + int(lane.rows[index]) * height
    return QPointF(x, row + (5 if part == "apex" else height * 0.65))


def lane_mark(scene: Scene, kind: ExpressionKind, frame: int) -> QPointF:
    """Return the pixel of a frame in the middle of a lane."""
    band = scene.layout.lane(kind)
    return QPointF(scene.view.x(frame), band.top + band.height / 2)


def threshold_mark(scene: Scene, kind: ExpressionKind, *, low: bool = False) -> QPointF:
    """Return the pixel of a threshold's line below or above its label, where it is taken.

    Raises
    ------
    KeyError
        If the track of this kind is hidden.
    """
    band = scene.layout.band(f"track:{kind.value}")
    if band is None:
        raise KeyError(kind)
    rules = scene.review.rules.detection.of_kind(kind)
    high, lower = handles_of(ScoreAxis(band, scene.tops[kind]), rules, scene.layout.right)
    handle = lower if low else high
    return QPointF(handle.middle, handle.line)
