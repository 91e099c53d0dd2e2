"""The shape of the cursor: it says what a press would take hold of."""

from qtpy.QtCore import Qt

from napari_mespot.gui.timeline.hit import Part, Target

__all__ = ["cursor_for"]

_PEN, _EDGE = Qt.CursorShape.CrossCursor, Qt.CursorShape.SizeHorCursor
_SHAPES = {
    Part.ONSET: _EDGE,
    Part.OFFSET: _EDGE,
    Part.APEX: _EDGE,
    Part.BODY: Qt.CursorShape.OpenHandCursor,
    Part.THRESHOLD: Qt.CursorShape.SizeVerCursor,
    Part.LOW_THRESHOLD: Qt.CursorShape.SizeVerCursor,
    Part.OVERVIEW: Qt.CursorShape.PointingHandCursor,
}


def cursor_for(target: Target | None, *, draws: bool) -> Qt.CursorShape:
    """Return the shape over a target; `draws` says whether a plain drag draws."""
    if target is None:
        return Qt.CursorShape.ArrowCursor
    if draws and target.part is Part.LANE:
        return _PEN
    return _SHAPES.get(target.part, Qt.CursorShape.ArrowCursor)
