"""The timeline dock: score tracks, lanes of editable intervals, thresholds and playhead."""

from napari_mespot.gui.timeline.colours import TimelineColours
from napari_mespot.gui.timeline.widget import TimelineWidget

__all__ = ["TimelineColours", "TimelineWidget"]
