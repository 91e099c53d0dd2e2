"""What lies where in the timeline, from top to bottom. Free of Qt."""

from dataclasses import dataclass

from napari_mespot.model import ExpressionKind

__all__ = ["GUTTER", "Band", "Layout", "ScoreAxis"]

GUTTER = 58
"""Width of the column with names and scales, in pixels."""
_RIGHT = 10
_OVERVIEW, _RULER, _LANE, _GAP = 20, 30, 30, 4
_LEAST_TRACK, _EXTRA = 34, 34

KINDS = (ExpressionKind.MICRO, ExpressionKind.MACRO)


@dataclass(frozen=True, slots=True)
class Band:
    """A strip across the timeline.

    Parameters
    ----------
    name
        ``"overview"``, ``"ruler"``, ``"track:ME"``, ``"lane:ME"`` …, ``"extra:AU12_r"``.
    top, height
        In pixels.
    """

    name: str
    top: float
    height: float

    @property
    def bottom(self) -> float:
        """One past the last pixel."""
        return self.top + self.height

    @property
    def role(self) -> str:
        """The name's first part."""
        return self.name.partition(":")[0]

    @property
    def kind(self) -> ExpressionKind | None:
        """The kind of a track or lane."""
        text = self.name.partition(":")[2]
        return next((kind for kind in KINDS if kind.value == text), None)

    def y(self, share: float) -> float:
        """Return the pixel of a share of the height, from 0 at the bottom to 1 at the top."""
        return self.bottom - 2 - share * (self.height - 4)

    def share(self, y: float) -> float:
        """Return the share of the height at a pixel."""
        return (self.bottom - 2 - y) / (self.height - 4)


@dataclass(frozen=True, slots=True)
class ScoreAxis:
    """The scores along a track: 0 at its lower end, `top` at its upper one."""

    band: Band
    top: float

    def y(self, score: float) -> float:
        """Return the pixel of a score; what lies above the track is at its upper end."""
        return self.band.y(min(1.0, score / self.top))

    def score(self, y: float) -> float:
        """Return the score at a pixel."""
        return self.band.share(y) * self.top


@dataclass(frozen=True, slots=True)
class Layout:
    """The bands of a timeline of some size."""

    width: float
    height: float
    bands: tuple[Band, ...]

    @classmethod
    def of(
        cls, width: float, height: float, *, tracks: tuple[str, ...], extras: tuple[str, ...]
    ) -> "Layout":
        """Share the height out.

        Parameters
        ----------
        tracks
            Names of the kinds whose score track is shown.
        extras
            Names of further tracks.
        """
        fixed = _OVERVIEW + _RULER + 2 * _LANE + 5 * _GAP + len(extras) * (_EXTRA + _GAP)
        room = height - fixed - len(tracks) * _GAP
        # Whole pixels, so that curves and lines are sharp.
        track = float(max(_LEAST_TRACK, room // len(tracks))) if tracks else 0.0
        parts: list[tuple[str, float]] = [("overview", _OVERVIEW), ("ruler", _RULER)]
        parts += [(f"track:{name}", track) for name in tracks]
        parts += [(f"extra:{name}", _EXTRA) for name in extras]
        parts += [(f"lane:{kind.value}", _LANE) for kind in KINDS]
        bands, top = [], 2.0
        for name, size in parts:
            bands.append(Band(name, top, size))
            top += size + _GAP
        return cls(width, height, tuple(bands))

    @property
    def left(self) -> float:
        """First pixel of the time axis."""
        return float(GUTTER)

    @property
    def time_width(self) -> float:
        """Pixels of the time axis."""
        return max(1.0, self.width - GUTTER - _RIGHT)

    @property
    def right(self) -> float:
        """One past the last pixel of the time axis."""
        return self.left + self.time_width

    @property
    def needed_height(self) -> float:
        """Height that all bands take."""
        return self.bands[-1].bottom + 2

    def band(self, name: str) -> Band | None:
        """Return a band by its name; None if it is not shown."""
        return next((band for band in self.bands if band.name == name), None)

    def at(self, y: float) -> Band | None:
        """Return the band at a pixel."""
        return next((b for b in self.bands if b.top - _GAP / 2 <= y < b.bottom + _GAP / 2), None)

    def lane(self, kind: ExpressionKind) -> Band:
        """Return the lane of a kind."""
        return next(band for band in self.bands if band.name == f"lane:{kind.value}")
