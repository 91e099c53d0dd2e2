"""How a head moves while its owner sits still: slow drift, breath, and turns on purpose."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["HeadMotion", "HeadPose", "Turn"]


_FREQUENCIES = np.array([0.06, 0.13, 0.23, 0.41])
_SIZES = np.array([0.8, 0.5, 0.25, 0.10])


@lru_cache(maxsize=64)
def _waves(seed: int, row: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return frequencies (Hz) and phases of the waves that add up to one drift."""
    rng = np.random.default_rng((seed, row))
    return _FREQUENCIES * rng.uniform(0.8, 1.25, 4), rng.uniform(0, 2 * np.pi, 4)


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where the head is in one frame, against rest.

    Shift in crop pixels (right, down), roll in radians (clockwise), scale as a factor, yaw
    and pitch in radians (to the right of the picture, down).
    """

    shift: tuple[float, float] = (0.0, 0.0)
    roll: float = 0.0
    scale: float = 1.0
    yaw: float = 0.0
    pitch: float = 0.0

    def matrix(self, pivot: tuple[float, float]) -> NDArray[np.float64]:
        """Return the similarity of this pose about a point, shape (2, 3)."""
        cos, sin = self.scale * np.cos(self.roll), self.scale * np.sin(self.roll)
        rotation = np.array([[cos, -sin], [sin, cos]])
        centre = np.asarray(pivot)
        return np.column_stack([rotation, centre + self.shift - rotation @ centre])


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn on purpose and back again.

    Start and duration in seconds, yaw, pitch and roll at its end in radians.
    """

    start_s: float
    duration_s: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def strength(self, time_s: float) -> float:
        """Return how far it has gone at a time, 0 to 1: a third there, a third back."""
        u = (time_s - self.start_s) / self.duration_s
        ramp = float(np.clip(min(u, 1 - u) * 3, 0, 1))
        return 0.5 - 0.5 * float(np.cos(np.pi * ramp))


@dataclass(frozen=True, slots=True)
class HeadMotion:
    """The whole motion of a head, a function of time.

    Parameters
    ----------
    sway
        Size of the drift, 1 for a calm sitter (about 1.5 crop pixels and half a degree).
    breath_hz
        Rate of breathing.
    turns
        Turns on purpose.
    seed
        Which drift.
    """

    sway: float = 1.0
    breath_hz: float = 0.27
    turns: tuple[Turn, ...] = ()
    seed: int = 0

    def _drift(self, time_s: float, row: int) -> float:
        """Return one of several independent smooth random functions of time, about -1 to 1."""
        frequency, phase = _waves(self.seed, row)
        return float(_SIZES @ np.sin(2 * np.pi * frequency * time_s + phase))

    def breath(self, time_s: float) -> float:
        """Return the lift of the chest, -1 to 1."""
        return float(np.sin(2 * np.pi * self.breath_hz * time_s))

    def pose(self, time_s: float) -> HeadPose:
        """Return the pose at a time in seconds."""
        drift = [self.sway * self._drift(time_s, row) for row in range(6)]
        going = [turn.strength(time_s) for turn in self.turns]
        yaw, pitch, roll = (
            sum(g * getattr(t, axis) for g, t in zip(going, self.turns, strict=True))
            for axis in ("yaw", "pitch", "roll")
        )
        return HeadPose(
            shift=(1.5 * drift[0], 1.1 * drift[1] - 0.35 * self.breath(time_s)),
            roll=0.010 * drift[2] + roll,
            scale=1 + 0.005 * drift[3],
            yaw=0.018 * drift[4] + yaw,
            pitch=0.012 * drift[5] + pitch,
        )
