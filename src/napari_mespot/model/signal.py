"""Scores that know which frame and which kind they belong to.

A :class:`ScoreSignal` carries its :class:`~napari_mespot.model.Clock`. No other code turns a
row into a frame or a column into a kind.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model.clock import Clock, uncommon_clock
from napari_mespot.model.expression import ExpressionKind
from napari_mespot.model.video_names import composed

__all__ = ["ScoreSignal"]


@dataclass(frozen=True, eq=False, slots=True)
class ScoreSignal:
    """Per-frame scores of one video, one column per kind.

    Parameters
    ----------
    values
        Shape (n_frames, n_kinds), float32. NaN where a frame has no score (no face found).
    found
        Shape (n_frames,), bool: whether a face was found in the frame.
    frame_rate
        Frames per second.
    video_id
        Name of the video; kept in the composed form (NFC).
    kinds
        Kind of each column.
    first_frame
        Frame index of row 0.
    times
        When each frame is shown, where that is not frame / `frame_rate`; None where it is.
        Counts only as long as its rate is `frame_rate`.
    breaks
        Frames from which nothing is compared with what was before, in order: a cut, or another
        person. Smoothing ends there, and no expression goes on across.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """

    values: NDArray[np.float32]
    found: NDArray[np.bool_]
    frame_rate: Fraction
    video_id: str = ""
    kinds: tuple[ExpressionKind, ...] = (ExpressionKind.MICRO, ExpressionKind.MACRO)
    first_frame: int = 0
    times: Clock | None = None
    breaks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "video_id", composed(self.video_id))
        if self.values.ndim != 2 or self.values.shape[1] != len(self.kinds):
            raise ValueError(
                f"Expected values of shape (n_frames, {len(self.kinds)}), got {self.values.shape}"
            )
        if self.found.shape != self.values.shape[:1]:
            raise ValueError(
                f"Expected found of shape {self.values.shape[:1]}, got {self.found.shape}"
            )

        object.__setattr__(self, "times", uncommon_clock(self.times, self.frame_rate))
        inner = range(self.first_frame + 1, self.first_frame + self.n_frames)
        breaks = sorted({int(frame) for frame in self.breaks if frame in inner})
        object.__setattr__(self, "breaks", tuple(breaks))

    def __eq__(self, other: object) -> bool:
        if self is other:  # reviews that hold the same scores are compared at every step
            return True
        if not isinstance(other, ScoreSignal):
            return NotImplemented
        same_clock = (
            self.frame_rate == other.frame_rate
            and self.times == other.times
            and self.video_id == other.video_id
            and self.kinds == other.kinds
            and self.first_frame == other.first_frame
            and self.breaks == other.breaks
        )
        return (
            same_clock
            and np.array_equal(self.found, other.found)
            and np.array_equal(self.values, other.values, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]  # holds arrays

    @property
    def n_frames(self) -> int:
        """Number of rows."""
        return int(self.values.shape[0])

    @property
    def frames(self) -> NDArray[np.int64]:
        """Frame index of each row, shape (n_frames,)."""
        return np.arange(self.first_frame, self.first_frame + self.n_frames)

    @property
    def clock(self) -> Clock:
        """When each frame is shown."""
        return self.times or Clock(self.frame_rate)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Time of each row in seconds, shape (n_frames,)."""
        return self.clock.seconds_of(self.frames)

    @property
    def stretches(self) -> tuple[slice, ...]:
        """Rows between breaks: each slice by itself, in order."""
        edges = [0, *(frame - self.first_frame for frame in self.breaks), self.n_frames]
        return tuple(slice(first, stop) for first, stop in pairwise(edges))

    def of_kind(self, kind: ExpressionKind) -> NDArray[np.float32]:
        """Return the scores of one kind, shape (n_frames,)."""
        return self.values[:, self.kinds.index(kind)]

    def with_clock(self, clock: Clock) -> "ScoreSignal":
        """Return this signal with its frames shown at the times of `clock`."""
        return replace(self, frame_rate=clock.rate, times=clock)

    def with_values(self, values: NDArray[np.floating]) -> "ScoreSignal":
        """Return this signal with other scores on the same frames."""
        return replace(self, values=np.asarray(values, dtype=np.float32))
