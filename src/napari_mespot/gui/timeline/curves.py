"""Draws one signal: as a line, or, where frames are close, as a picture of columns.

Qt takes a hundred times as long to draw a smooth line through as many points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from napari_mespot.gui.timeline.decimate import columns, points, runs
from napari_mespot.gui.timeline.layout import Band
from napari_mespot.gui.timeline.view import TimeView

__all__ = ["Curve", "draw_curve"]

_FRAMES_PER_PX = 0.3
"""Up to as many frames to a pixel a line is quick enough."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A signal and its look.

    Parameters
    ----------
    values
        Shape (n,); NaN where there is none.
    first_frame
        Frame of the first value.
    top
        Value at the upper end of its band.
    colour, width
        Of the line; width in pixels.
    """

    values: NDArray[np.floating]
    first_frame: int
    top: float
    colour: QColor
    width: float


def draw_curve(painter: QPainter, curve: Curve, band: Band, view: TimeView) -> None:
    """Draw a signal in a band, broken where it has no value."""
    if view.span <= _FRAMES_PER_PX * view.width:
        _draw_line(painter, curve, band, view)
    else:
        _draw_columns(painter, curve, band, view)


def _draw_line(painter: QPainter, curve: Curve, band: Band, view: TimeView) -> None:
    xs, values = points(curve.values, view, first_frame=curve.first_frame)
    ys = _pixels(band, values, curve.top)
    painter.setPen(QPen(curve.colour, curve.width))
    for first, last in runs(~np.isnan(ys)):
        part = slice(first, last + 1)
        line = [QPointF(x, y) for x, y in zip(xs[part].tolist(), ys[part].tolist(), strict=True)]
        if len(line) == 1:
            # A frame between two without a value is drawn as wide as it is.
            half = QPointF(view.frame_px / 2, 0)
            line = [line[0] - half, line[0] + half]
        painter.drawPolyline(QPolygonF(line))


def _draw_columns(painter: QPainter, curve: Curve, band: Band, view: TimeView) -> None:
    device = painter.device()
    ratio = 1.0 if device is None else device.devicePixelRatioF()
    n_columns = max(1, round(view.width * ratio))
    _, low, high = columns(curve.values, view, n_columns=n_columns, first_frame=curve.first_frame)
    if view.span < n_columns:
        low = high = _between(low)
    tops, bottoms = _joined(_pixels(band, high, curve.top), _pixels(band, low, curve.top))
    half = curve.width / 2
    tops, bottoms = (tops - half - band.top) * ratio, (bottoms + half - band.top) * ratio
    rows = np.arange(round(band.height * ratio), dtype=np.float32)[:, np.newaxis]
    # How much of every pixel its column covers: as smooth as a line.
    cover = np.minimum(bottoms, rows + 1) - np.maximum(tops, rows)
    cover = np.clip(np.nan_to_num(cover, copy=False), 0, 1)
    alphas = (cover * 255).astype(np.uint8)
    data = _shades(curve.colour)[alphas].tobytes()
    height, width = alphas.shape
    image = QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(QRectF(view.left, band.top, view.width, band.height), image)


def _between(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fill columns that hold no frame from both neighbours; wider gaps stay gaps."""
    out = values.copy()
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return out
    # Below one frame to a column and above 0.3, at most four columns lie between two frames.
    everywhere = np.arange(len(values))
    before = known[np.maximum(np.searchsorted(known, everywhere, side="right") - 1, 0)]
    after = known[np.minimum(np.searchsorted(known, everywhere), len(known) - 1)]
    near = (after - before <= 4) & (before <= everywhere) & (everywhere <= after)
    filled = np.interp(everywhere, known, values[known])
    out[near] = filled[near]
    return out


def _joined(
    tops: NDArray[np.float32], bottoms: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Let neighbours meet half way where one hangs above the other, as in a line."""
    up, down = tops.copy(), bottoms.copy()
    # y points down. Comparisons with NaN are False, so a column without values stays alone.
    middle = (bottoms[:-1] + tops[1:]) / 2
    gap = bottoms[:-1] < tops[1:]
    down[:-1][gap], up[1:][gap] = middle[gap], middle[gap]
    middle = (tops[:-1] + bottoms[1:]) / 2
    gap = tops[:-1] > bottoms[1:]
    up[:-1][gap] = np.minimum(up[:-1][gap], middle[gap])
    down[1:][gap] = np.maximum(down[1:][gap], middle[gap])
    return up, down


def _pixels(band: Band, values: NDArray[np.float64], top: float) -> NDArray[np.float32]:
    y = band.bottom - 2 - np.clip(values / top, 0, 1.05) * (band.height - 4)
    return y.astype(np.float32)


def _shades(colour: QColor) -> NDArray[np.uint32]:
    """Return the colour, premultiplied, for every cover from 0 to 255."""
    alphas = np.arange(256) * colour.alphaF()
    channels = (255, colour.red(), colour.green(), colour.blue())
    a, r, g, b = (np.round(alphas * c / 255).astype(np.uint32) for c in channels)
    return (a << 24 | r << 16 | g << 8 | b).astype(np.uint32)
