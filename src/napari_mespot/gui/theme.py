"""The colours of a napari theme for what we draw ourselves."""

from napari.utils.theme import get_theme

from napari_mespot.gui.timeline.colours import TimelineColours

__all__ = ["timeline_colours"]


def timeline_colours(theme: str) -> TimelineColours:
    """Return the timeline's colours for a theme of napari."""
    found = get_theme(theme)
    return TimelineColours.from_theme(
        background=found.background.as_hex(),
        foreground=found.foreground.as_hex(),
        text=found.text.as_hex(),
    )
