"""By what a threshold is taken: its label at the right end of its line. Free of Qt.

The lines themselves cross the whole track, where people click and scrub to look around; a third
of a low track would be lines. With Alt held a line can be taken anywhere.
"""

from dataclasses import dataclass

from napari_mespot.gui.timeline.layout import ScoreAxis
from napari_mespot.spotting.params import KindDetectionParams

__all__ = ["Handle", "handles_of", "line_at", "taken_at"]

_WIDTH, _HEIGHT, _BESIDE = 108.0, 15.0, 6.0
_SLACK_PX = 2.0
_LINE_PX = 4.0
_ALT_PX = 8.0


@dataclass(frozen=True, slots=True)
class Handle:
    """The label of a threshold.

    Parameters
    ----------
    is_low
        Whether it is that of the low threshold.
    value
        The threshold.
    left, top, width, height
        Where the label lies, in pixels.
    line
        Where the line lies.
    """

    is_low: bool
    value: float
    left: float
    top: float
    line: float
    width: float = _WIDTH
    height: float = _HEIGHT

    @property
    def middle(self) -> float:
        """The pixel between left and right end."""
        return self.left + self.width / 2


def handles_of(axis: ScoreAxis, rules: KindDetectionParams, right: float) -> list[Handle]:
    """Return the labels of both thresholds, beside each other so that close lines have theirs.

    Parameters
    ----------
    axis
        The scores along the track.
    right
        Pixel at which time ends.
    """
    found, end = [], right
    for is_low, value in ((False, rules.threshold), (True, rules.low_threshold)):
        line = axis.y(value)
        top = line - _HEIGHT if line - _HEIGHT >= axis.band.top else line + 1
        found.append(Handle(is_low, value, end - _WIDTH, top, line))
        end -= _WIDTH + _BESIDE
    return found


def taken_at(handles: list[Handle], x: float, y: float) -> Handle | None:
    """Return the label, with the piece of its line, that lies at a pixel."""
    for handle in handles:
        if handle.left - _SLACK_PX <= x <= handle.left + handle.width + _SLACK_PX and (
            handle.top - _SLACK_PX <= y <= handle.top + handle.height + _SLACK_PX
            or abs(y - handle.line) <= _LINE_PX
        ):
            return handle
    return None


def line_at(handles: list[Handle], y: float) -> Handle | None:
    """Return the line that lies near a height; of two on one pixel, from below the lower."""
    high, low = (abs(y - handle.line) for handle in handles)
    if min(high, low) > _ALT_PX:
        return None
    if abs(high - low) < 1.0:
        return handles[0] if y - handles[0].line < 1.0 else handles[1]
    return handles[0] if high < low else handles[1]
