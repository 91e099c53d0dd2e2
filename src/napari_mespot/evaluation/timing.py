"""How far the onset, apex and offset of the hits lie from those of the labels."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from napari_mespot.model import Clock, Expression

__all__ = ["FrameError", "TimingErrors"]


@dataclass(frozen=True, slots=True)
class FrameError:
    """Differences in one point of time, prediction minus label: late is positive.

    Parameters
    ----------
    frames
        Difference of each hit, in frames.
    milliseconds
        The same in milliseconds, for the hits whose frame rate is known.
    """

    frames: tuple[int, ...] = ()
    milliseconds: tuple[float, ...] = ()

    def as_dict(self) -> dict[str, int | float | None]:
        """Return number, mean, median and mean absolute difference; None where there is none."""
        return {
            "n": len(self.frames),
            "mean_frames": _mean(self.frames),
            "median_frames": float(np.median(self.frames)) if self.frames else None,
            "mean_absolute_frames": _mean(np.abs(self.frames).tolist()),
            "mean_ms": _mean(self.milliseconds),
            "median_ms": float(np.median(self.milliseconds)) if self.milliseconds else None,
            "mean_absolute_ms": _mean(np.abs(self.milliseconds).tolist()),
        }


@dataclass(frozen=True, slots=True)
class TimingErrors:
    """Differences of onset, apex and offset; the apex only where both sides know one."""

    onset: FrameError
    apex: FrameError
    offset: FrameError

    @classmethod
    def of(cls, hits: Iterable[tuple[Expression, Expression, Clock | None]]) -> "TimingErrors":
        """Measure hits, given as (label, prediction, clock of the video)."""
        differences: dict[str, list[tuple[int, int, Clock | None]]] = {
            "onset": [],
            "apex": [],
            "offset": [],
        }
        for label, prediction, clock in hits:
            differences["onset"].append((prediction.onset, label.onset, clock))
            differences["offset"].append((prediction.offset, label.offset, clock))
            if label.apex is not None and prediction.apex is not None:
                differences["apex"].append((prediction.apex, label.apex, clock))
        return cls(**{point: _frame_error(values) for point, values in differences.items()})

    def as_dict(self) -> dict[str, dict[str, int | float | None]]:
        """Return the figures by point of time."""
        return {
            "onset": self.onset.as_dict(),
            "apex": self.apex.as_dict(),
            "offset": self.offset.as_dict(),
        }


def _frame_error(values: list[tuple[int, int, Clock | None]]) -> FrameError:
    return FrameError(
        tuple(found - label for found, label, _ in values),
        tuple(
            float(1000 * (clock.second_of(found) - clock.second_of(label)))
            for found, label, clock in values
            if clock is not None
        ),
    )


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return float(np.mean(values)) if values else None
