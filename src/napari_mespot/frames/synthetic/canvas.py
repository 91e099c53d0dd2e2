"""A piece of paper: which point of the face each pixel shows, and soft shapes on it.

Everything is drawn by formula in the unit of the aligned crop, so that one face looks the
same at 112 pixels for training and at ten times that for a video. Edges are soft over about
one pixel, whatever the resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.synthetic.geometry import CROP_PX

__all__ = ["Canvas", "Curve", "Field", "Picture", "bell", "blend", "smoothstep"]

Field = NDArray[Any]
"""One value per pixel, shape (height, width), or per row or column of it; float32."""

Picture = NDArray[Any]
"""Red, green and blue from 0 to 1, shape (height, width, 3); float32."""


@dataclass(frozen=True)
class Canvas:
    """A rectangle of the face plane, drawn with `density` pixels per crop pixel.

    Parameters
    ----------
    left, top
        Crop coordinates of the outer edge of the first pixel.
    height, width
        In pixels.
    density
        Pixels per crop pixel.
    """

    left: float
    top: float
    height: int
    width: int
    density: float

    @classmethod
    def of_crop(cls, size: int) -> "Canvas":
        """Return the canvas of the whole aligned crop at `size` × `size` pixels."""
        return cls(-0.5, -0.5, size, size, size / CROP_PX)

    @cached_property
    def x(self) -> Field:
        """Crop column of each pixel centre, shape (height, width)."""
        axis = self.left + (np.arange(self.width) + 0.5) / self.density
        return np.broadcast_to(axis.astype(np.float32), (self.height, self.width))

    @cached_property
    def y(self) -> Field:
        """Crop row of each pixel centre, shape (height, width)."""
        axis = self.top + (np.arange(self.height) + 0.5) / self.density
        return np.broadcast_to(axis.astype(np.float32)[:, None], (self.height, self.width))

    @property
    def columns(self) -> Field:
        """Crop column of each column of pixels, shape (1, width)."""
        return self.x[:1]

    @property
    def rows(self) -> Field:
        """Crop row of each row of pixels, shape (height, 1)."""
        return self.y[:, :1]

    @property
    def bottom(self) -> float:
        """Crop row of the lower edge."""
        return self.top + self.height / self.density

    @property
    def softness(self) -> float:
        """Width of an edge in crop pixels: about one pixel of this canvas."""
        return 1.0 / self.density

    def pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return points in crop coordinates, shape (..., 2), as (column, row) of this canvas."""
        corner = np.array([self.left, self.top])
        return np.asarray((points - corner) * self.density - 0.5)

    def window(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[tuple[slice, slice], "Canvas"]:
        """Return the part of the canvas that covers a box, as slices and as a canvas.

        The part may be empty where the box lies outside.
        """
        d = self.density
        c0, c1 = np.clip([int((left - self.left) * d), int((right - self.left) * d)], 0, self.width)
        r0, r1 = np.clip([int((top - self.top) * d), int((bottom - self.top) * d)], 0, self.height)
        part = Canvas(
            self.left + float(c0) / d, self.top + float(r0) / d, int(r1 - r0), int(c1 - c0), d
        )
        return (slice(int(r0), int(r1)), slice(int(c0), int(c1))), part


class Curve:
    """A smooth curve y(x) through points with rising x (cubic Hermite, no overshoot in x).

    Beyond its ends the curve keeps its last value.
    """

    def __init__(self, points: Sequence[tuple[float, float]] | NDArray[np.float64]) -> None:
        p = np.asarray(points, dtype=np.float64)
        order = np.argsort(p[:, 0])
        x, y = p[order, 0], p[order, 1]
        slope = np.gradient(y, x)
        self._x = np.linspace(x[0], x[-1], 257)
        k = np.clip(np.searchsorted(x, self._x, side="right") - 1, 0, len(x) - 2)
        h = x[k + 1] - x[k]
        t = (self._x - x[k]) / h
        self._y = (
            y[k] * (1 + 2 * t) * (1 - t) ** 2
            + slope[k] * h * t * (1 - t) ** 2
            + y[k + 1] * t * t * (3 - 2 * t)
            + slope[k + 1] * h * t * t * (t - 1)
        )

    def __call__(self, x: NDArray[np.floating]) -> Field:
        """Return y at `x`, of the same shape (one row of x is enough for a whole canvas)."""
        return np.asarray(np.interp(x, self._x, self._y), dtype=np.float32)


def smoothstep(
    start: float | NDArray[np.floating],
    stop: float | NDArray[np.floating],
    value: NDArray[np.floating],
) -> Field:
    """Rise smoothly from 0 at `start` to 1 at `stop` (or fall, if `stop` is smaller)."""
    t = np.clip((value - start) / (stop - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)


def bell(
    canvas: Canvas,
    centre: tuple[float, float],
    sigma: tuple[float, float],
    angle: float = 0.0,
) -> Field:
    """Return an elliptic Gaussian of height 1, turned by `angle` radians (clockwise).

    It is cut off where it falls below 0.3 %.
    """
    out = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    reach = 3.4 * max(sigma)
    x0, y0 = float(centre[0]), float(centre[1])
    place, part = canvas.window(x0 - reach, y0 - reach, x0 + reach, y0 + reach)
    dx, dy = part.columns - np.float32(x0), part.rows - np.float32(y0)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    a, b = np.float32(1 / sigma[0] ** 2), np.float32(1 / sigma[1] ** 2)
    if angle == 0:
        out[place] = np.exp(np.float32(-0.5) * a * dx * dx) * np.exp(np.float32(-0.5) * b * dy * dy)
        return out
    u, v = dx * cos + dy * sin, dy * cos - dx * sin
    out[place] = np.exp(np.float32(-0.5) * (a * u * u + b * v * v))
    return out


def blend(
    picture: Picture, colour: Sequence[float] | NDArray[np.floating], weight: Field
) -> Picture:
    """Lay a colour (or a picture) over a picture with a weight of 0 to 1 per pixel."""
    over = np.asarray(colour, dtype=np.float32)
    return picture + (over - picture) * weight[..., None]
