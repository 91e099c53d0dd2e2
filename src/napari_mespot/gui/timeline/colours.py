"""Colours of the timeline, from a napari theme or for a dark one."""

from dataclasses import dataclass

from qtpy.QtGui import QColor

from napari_mespot.model import ExpressionKind

__all__ = ["TimelineColours"]

_MICRO, _MACRO = ExpressionKind.MICRO, ExpressionKind.MACRO


@dataclass(frozen=True)
class TimelineColours:
    """What is drawn in which colour (names or ``#rrggbb``).

    The two kinds have Okabe and Ito's vermillion and blue, which any kind of colour vision tells
    apart; on dark ground the blue is lighter.
    """

    background: str = "#262930"
    band: str = "#1f2228"
    line: str = "#414851"
    text: str = "#f0f1f2"
    faint: str = "#9aa0a8"
    highlight: str = "#f6c945"
    playhead: str = "#ffffff"
    micro: str = "#e8743b"
    macro: str = "#56a8e6"

    @classmethod
    def from_theme(cls, *, background: str, foreground: str, text: str) -> "TimelineColours":
        """Return the colours that suit a theme.

        Parameters
        ----------
        background, foreground, text
            Colours of the theme: of windows, of controls, of letters.
        """
        dark = QColor(background).lightnessF() < 0.5
        return cls(
            background=background,
            band=QColor(background).darker(118).name() if dark else "#ffffff",
            line=foreground,
            text=text,
            faint=_between(text, background, 0.62),
            highlight="#f6c945" if dark else "#a86f00",
            playhead="#ffffff" if dark else "#000000",
            micro="#e8743b" if dark else "#c45200",
            macro="#56a8e6" if dark else "#0067a3",
        )

    def of_kind(self, kind: ExpressionKind, alpha: float = 1.0) -> QColor:
        """Return the colour of a kind."""
        colour = QColor(self.micro if kind is _MICRO else self.macro)
        colour.setAlphaF(alpha)
        return colour


def _between(colour: str, other: str, share: float) -> str:
    """Return a mixture: `share` of the first colour, the rest of the other."""
    a, b = QColor(colour), QColor(other)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return QColor(*(round(share * x + (1 - share) * y) for x, y in parts)).name()
