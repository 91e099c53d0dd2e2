"""How a movement runs in time, and noise that runs smoothly."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

__all__ = [
    "Course",
    "draw_course",
    "ease",
    "log_uniform",
    "occasions",
    "plateau",
    "shaken",
    "smooth_noise",
    "uniform",
]

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """How strong a movement is, frame by frame; zero outside.

    Parameters
    ----------
    first
        Frame of the first value.
    values
        Shape (m,).
    apex_s
        When it has risen, in seconds.
    """

    first: int
    values: _Array
    apex_s: float

    @property
    def frames(self) -> slice:
        """The frames of the values."""
        return slice(self.first, self.first + len(self.values))

    def add_to(self, signals: _Array, effect: _Array) -> None:
        """Add a movement of `effect`, (c,), at full strength to signals, (n, c)."""
        signals[self.frames] += self.values[:, None] * effect


def log_uniform(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Draw a number whose logarithm is uniform between those of `bounds`."""
    return float(np.exp(rng.uniform(np.log(bounds[0]), np.log(bounds[1]))))


def uniform(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Draw a number between `bounds`."""
    return float(rng.uniform(*bounds))


def occasions(rng: np.random.Generator, rate_hz: float, bounds: tuple[float, float]) -> list[float]:
    """Draw when something happens that happens `rate_hz` times a second, between two times."""
    mean = rate_hz * max(0.0, bounds[1])
    return [float(time) for time in rng.uniform(*bounds, rng.poisson(mean))]


def ease(part: _Array, *, abrupt: bool = False) -> _Array:
    """Return a rise from 0 to 1 over `part` 0 to 1, without a corner at either end."""
    x = np.clip(part, 0, 1)
    if abrupt:
        return np.asarray(x**3 * (10 - 15 * x + 6 * x * x))
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * x))


def plateau(times: _Array, span: tuple[float, float], rise_s: float, fall_s: float) -> Course:
    """Return the course of what sets in, stays and ends again within `span`, in seconds."""
    return _course(times, span, (rise_s, fall_s), abrupt=False)


def _course(
    times: _Array, span: tuple[float, float], slopes_s: tuple[float, float], *, abrupt: bool
) -> Course:
    onset, offset = span
    first, stop = np.searchsorted(times, onset), np.searchsorted(times, offset, side="right")
    at = times[first:stop]
    rise = ease((at - onset) / slopes_s[0], abrupt=abrupt)
    fall = ease((offset - at) / slopes_s[1], abrupt=abrupt)
    return Course(int(first), np.minimum(rise, fall), onset + slopes_s[0])


def draw_course(
    times: _Array, span: tuple[float, float], rng: np.random.Generator, wobble: float = 0.0
) -> Course:
    """Draw the course of a movement that rises, may be held, and falls within `span`.

    Parameters
    ----------
    times
        Shape (n,), of the frames, in seconds.
    span
        When it begins and ends, in seconds; may reach past the frames.
    rng
        Where draws come from.
    wobble
        Largest relative tremor of what lasts longer than 0.8 s.
    """
    length = span[1] - span[0]
    rise = min(rng.uniform(0.15, 0.6) * length, rng.uniform(0.25, 1.5))
    rest = length - rise
    hold = min(rng.uniform(0, 1) * rest, max(0.0, rest - 0.15 * length))
    if rest - hold > 2.5:
        hold = rest - rng.uniform(0.4, 2.5)
    course = _course(times, span, (rise, rest - hold), abrupt=rng.random() < 0.5)
    if length <= 0.8 or wobble == 0:
        return course
    size, turns = wobble * rng.random(), 2 * np.pi * rng.uniform(0.5, 2.5)
    at = times[course.frames] - span[0]
    tremor = 1 + size * np.sin(turns * at + rng.uniform(0, 6))
    return Course(course.first, course.values * tremor, course.apex_s)


def shaken(course: Course, times: _Array, rng: np.random.Generator) -> Course:
    """Return the course of an expression shaken by laughter, 3 to 5.5 times a second."""
    depth, rate = 0.35 * rng.random(), rng.uniform(3, 5.5)
    shake = 1 + depth * np.sin(2 * np.pi * rate * times[course.frames])
    return Course(course.first, course.values * shake, course.apex_s)


def smooth_noise(rng: np.random.Generator, n: int, scale: float, columns: int = 1) -> _Array:
    """Draw noise smoothed by a Gaussian in time, of standard deviation 1 over long times.

    Parameters
    ----------
    rng
        Where draws come from.
    n, columns
        Frames and columns.
    scale
        Standard deviation of the Gaussian, in frames; 1 at least.

    Returns
    -------
    Shape (n, columns).
    """
    sigma = max(1.0, scale)
    # Slow noise needs few values: four to a standard deviation, and lines between them.
    step = max(1, int(sigma / 4))
    sigma /= step
    margin, kept = int(3 * sigma), (n - 1) // step + 2
    raw = rng.normal(size=(kept + 2 * margin, columns))
    coarse = gaussian_filter1d(raw, sigma, axis=0)[margin : margin + kept]
    whole, part = np.divmod(np.arange(n), step)
    weight = (part / step)[:, None]
    out = coarse[whole] * (1 - weight) + coarse[whole + 1] * weight if step > 1 else coarse[:n]
    # The size is that of the process, not of these frames: few frames of slow noise vary little.
    return np.asarray(out * np.sqrt(2 * sigma * np.sqrt(np.pi)))
