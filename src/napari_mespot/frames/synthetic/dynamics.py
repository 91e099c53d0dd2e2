"""How strong an expression is over time: onset, apex, hold, offset.

A course is 0 before its onset and after its offset, above 0 from onset to offset (both
included, as everywhere in this package), and 1 from the apex on for as long as it is held.
Rise and fall are raised cosines of different length: a face moves fast into an expression
and more slowly out of it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_mespot.model import Interval

__all__ = ["TimeCourse", "blink_course", "profile", "random_course", "speech_course"]


def profile(
    frames: ArrayLike,
    onset: ArrayLike,
    apex: ArrayLike,
    hold: ArrayLike,
    offset: ArrayLike,
) -> NDArray[np.float32]:
    """Return the strength at `frames` of a movement with the given course.

    The rise starts at the frame before `onset` and the fall ends at the frame after
    `offset`, so that onset and offset themselves are the first and last frames that move.
    All arguments may be arrays and are broadcast; frames may be fractional.

    Parameters
    ----------
    frames
        Frames at which the strength is wanted.
    onset, apex, offset
        Frames, onset <= apex and apex + hold <= offset.
    hold
        Number of frames after the apex for which it stays at full strength.

    Returns
    -------
    NDArray
        float32, 0 to 1, of the broadcast shape.

    Raises
    ------
    ValueError
        If the order onset <= apex <= apex + hold <= offset is broken.
    """
    t, on, top, keep, off = (
        np.asarray(a, dtype=np.float64) for a in (frames, onset, apex, hold, offset)
    )
    if np.any(top < on) or np.any(keep < 0) or np.any(top + keep > off):
        raise ValueError(
            "Expected onset <= apex <= apex + hold <= offset, got "
            f"onset={on}, apex={top}, hold={keep}, offset={off}"
        )
    rise = np.clip((t - (on - 1)) / (top - on + 1), 0, 1)
    fall = np.clip((off + 1 - t) / (off + 1 - top - keep), 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(rise, fall)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class TimeCourse:
    """The frames of one movement.

    Parameters
    ----------
    onset, apex, offset
        Frames, 0-based and inclusive; may be negative for a movement that began earlier.
    hold
        Frames after the apex for which it stays at full strength.

    Raises
    ------
    ValueError
        If the order onset <= apex <= apex + hold <= offset is broken.
    """

    onset: int
    apex: int
    hold: int
    offset: int

    def __post_init__(self) -> None:
        profile(0, self.onset, self.apex, self.hold, self.offset)

    def strength(self, frames: ArrayLike) -> NDArray[np.float32]:
        """Return the strength, 0 to 1, at `frames`."""
        return profile(frames, self.onset, self.apex, self.hold, self.offset)

    @property
    def interval(self) -> Interval:
        """Onset to offset."""
        return Interval(self.onset, self.offset)

    @property
    def n_frames(self) -> int:
        """Number of frames from onset to offset, both included."""
        return self.offset - self.onset + 1


def random_course(rng: np.random.Generator, n_frames: int, onset: int = 0) -> TimeCourse:
    """Draw a course of `n_frames` frames: a rise of 20 to 55 %, a hold of up to 40 % of the rest.

    Raises
    ------
    ValueError
        If `n_frames` is below 1.
    """
    if n_frames < 1:
        raise ValueError(f"Expected n_frames >= 1, got {n_frames}")
    last = n_frames - 1
    apex = round(rng.uniform(0.2, 0.55) * last)
    hold = round(rng.uniform(0.0, 0.4) * (last - apex))
    return TimeCourse(onset, onset + apex, hold, onset + last)


def blink_course(onset: int, frame_rate: float, duration_s: float = 0.3) -> TimeCourse:
    """Return the course of a blink: closing takes a third of the time, opening the rest.

    0.1 to 0.4 s are usual.
    """
    last = max(2, round(duration_s * frame_rate) - 1)
    closed = max(1, round(0.3 * last))
    return TimeCourse(onset, onset + closed, min(round(0.1 * last), last - closed), onset + last)


def speech_course(
    frames: ArrayLike, frame_rate: float, rng: np.random.Generator, rate_hz: float = 4.0
) -> NDArray[np.float32]:
    """Return the opening of a talking mouth: syllables at about `rate_hz`, of uneven size.

    Returns
    -------
    NDArray
        float32, -1 to 1, of the shape of `frames`.
    """
    t = np.asarray(frames, dtype=np.float64) / frame_rate
    total = np.zeros_like(t)
    for share in (0.5, 1.0, 1.6):
        frequency = rate_hz * share * rng.uniform(0.85, 1.15)
        total += np.sin(2 * np.pi * (frequency * t + rng.uniform())) * rng.uniform(0.3, 1.0)
    return np.asarray(np.tanh(total), dtype=np.float32)
