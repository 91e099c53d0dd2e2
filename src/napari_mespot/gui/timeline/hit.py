"""What lies under the cursor. Free of Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from napari_mespot.gui.timeline.handles import handles_of, line_at, taken_at
from napari_mespot.gui.timeline.lanes import Lane
from napari_mespot.gui.timeline.layout import Band, Layout, ScoreAxis
from napari_mespot.gui.timeline.view import TimeView
from napari_mespot.model import ExpressionKind
from napari_mespot.spotting.params import DetectionParams

__all__ = ["Part", "Target", "item_span", "target_at"]

_EDGE_PX = 5.0
_APEX_PX = 5.0
_APEX_HEIGHT = 10.0
_WIDE_PX = 14.0


class Part(Enum):
    """What a target is."""

    GUTTER = auto()
    OVERVIEW = auto()
    RULER = auto()
    TRACK = auto()
    THRESHOLD = auto()
    LOW_THRESHOLD = auto()
    LANE = auto()
    ONSET = auto()
    OFFSET = auto()
    APEX = auto()
    BODY = auto()


@dataclass(frozen=True, slots=True)
class Target:
    """Something under the cursor.

    Parameters
    ----------
    part
        What it is.
    kind
        Of the track or lane.
    uid
        Key of the interval, where it is one.
    """

    part: Part
    kind: ExpressionKind | None = None
    uid: str = ""


def target_at(  # noqa: PLR0913 - a place and all that can lie there
    x: float,
    y: float,
    *,
    layout: Layout,
    view: TimeView,
    lanes: Mapping[ExpressionKind, Lane],
    detection: DetectionParams | None,
    tops: Mapping[ExpressionKind, float],
    selected: str | None = None,
    by_line: bool = False,
) -> Target | None:
    """Return what lies at a pixel; None if nothing does.

    Parameters
    ----------
    detection
        The thresholds; None where they are not drawn.
    tops
        Upper end of the score axis of each kind.
    selected
        Key of the selected interval, which comes first where several lie.
    by_line
        Whether thresholds are taken by their lines, and not only by the labels at the right.
    """
    band = layout.at(y)
    if band is None:
        return None
    if x < layout.left - _EDGE_PX:
        return Target(Part.GUTTER, band.kind)
    if band.role == "track" and band.kind is not None and detection is not None:
        rules, right = detection.of_kind(band.kind), layout.right
        handles = handles_of(ScoreAxis(band, tops[band.kind]), rules, right)
        handle = line_at(handles, y) if by_line else taken_at(handles, x, y)
        if handle is not None:
            return Target(Part.LOW_THRESHOLD if handle.is_low else Part.THRESHOLD, band.kind)
    if band.role == "lane" and band.kind is not None:
        return _in_lane(x, y, band, lanes[band.kind], view, selected)
    parts = {"overview": Part.OVERVIEW, "ruler": Part.RULER}
    part = parts.get(band.role, Part.TRACK)
    return Target(part, band.kind)


def item_span(view: TimeView, onset: int, offset: int) -> tuple[float, float]:
    """Return the first and the last pixel of an interval."""
    return view.x(onset - 0.5), view.x(offset + 0.5)


def _in_lane(
    x: float, y: float, band: Band, lane: Lane, view: TimeView, selected: str | None
) -> Target:
    assert band.kind is not None  # noqa: S101 - a lane has one
    reach = _EDGE_PX / view.frame_px + 1
    place = view.place(x)
    found: list[tuple[int, float, Target]] = []
    for index in lane.visible(place - reach, place + reach).tolist():
        item = lane.items[index]
        left, right = item_span(view, item.onset, item.offset)
        if not left - _EDGE_PX <= x <= right + _EDGE_PX:
            continue
        height = band.height / int(lane.n_rows[index])
        top = band.top + int(lane.rows[index]) * height
        if not top <= y < top + height:
            continue
        apex = item.expression.apex
        near_apex = apex is not None and abs(x - view.x(apex)) <= _APEX_PX
        on_apex = near_apex and y - top <= _APEX_HEIGHT and right - left >= 2 * _WIDE_PX
        part = Part.APEX if on_apex else _part(x, left, right)
        distance = max(left - x, x - right, 0.0)
        order = 0 if item.uid == selected else 1
        found.append((order, distance, Target(part, band.kind, item.uid)))
    if not found:
        return Target(Part.LANE, band.kind)
    return min(found, key=lambda entry: entry[:2])[2]


def _part(x: float, left: float, right: float) -> Part:
    """Return which part of an interval a pixel belongs to; a narrow one has edges outside."""
    if right - left >= _WIDE_PX:
        if x - left <= _EDGE_PX:
            return Part.ONSET
        return Part.OFFSET if right - x <= _EDGE_PX else Part.BODY
    if x < left:
        return Part.ONSET
    return Part.OFFSET if x > right else Part.BODY
