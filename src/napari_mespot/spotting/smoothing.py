"""Normalisation and low-pass filter of the scores (paper, section 4.1).

The paper smooths with a Butterworth filter and gives neither order nor cut-off; here the
order is 2, the cut-off is in hertz and one per kind, and the filter runs forwards and
backwards, so that nothing is shifted in time (decision 0035).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from napari_mespot.model import ExpressionKind, ScoreSignal
from napari_mespot.spotting.beat import Beat, capture_rate
from napari_mespot.spotting.params import SmoothingParams

__all__ = ["smooth"]

# Lowest cut-off the filter can compute exactly, in cycles per frame.
_LOWEST_CUTOFF = 1e-4


def smooth(signal: ScoreSignal, params: SmoothingParams) -> ScoreSignal:
    """Normalise and smooth scores.

    Each stretch of frames with scores is filtered by itself: nothing is carried over a gap
    without a face, nor over a break such as a cut. A cut-off at or above half the frame rate
    leaves the scores as they are; one below a cycle in 10,000 frames is taken as that. Never
    raises for any signal.

    The filter needs a steady beat. Scores of unevenly spaced frames are read off, by straight
    lines, on the beat of the densest frames, filtered there, and read back at the frames; where
    no frame comes for longer than a period of the cut-off, nothing is carried over.

    Parameters
    ----------
    signal
        Scores; NaN where there is none.
    params
        Order, cut-off per kind, normalisation.

    Returns
    -------
    Scores from 0 to 1, NaN where `signal` has NaN.
    """
    values = signal.values.astype(np.float64)
    if params.normalisation == "minmax":
        values = _stretched(values)
    times = None if signal.clock.is_even else signal.times_s
    rate = float(signal.frame_rate) if times is None else capture_rate(times)
    for column, kind in enumerate(signal.kinds):
        hertz = params.cutoff_me_hz if kind is ExpressionKind.MICRO else params.cutoff_mae_hz
        cutoff = max(hertz / rate, _LOWEST_CUTOFF)
        if cutoff < 0.5:
            sos = butter(params.order, 2 * cutoff, output="sos")
            for rows in signal.stretches:
                part = values[rows, column]
                beat = None if times is None else Beat(times[rows], rate, 1 / (cutoff * rate))
                values[rows, column] = _filtered_by_stretch(part, sos, 1 / cutoff, beat)
    return signal.with_values(np.clip(values, 0, 1))


def _stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Map the lowest score of each column to 0 and the highest to 1 (a flat one to 0)."""
    out = values.copy()
    for column in out.T:
        scores = column[np.isfinite(column)]
        if scores.size:
            low, high = scores.min(), scores.max()
            column -= low
            if high > low:
                column /= high - low
    return out


def _filtered_by_stretch(
    column: NDArray[np.float64],
    sos: NDArray[np.float64],
    period: float,
    beat: Beat | None = None,
) -> NDArray[np.float64]:
    out = column.copy()
    scored = np.isfinite(column)
    edges = np.flatnonzero(np.diff(scored, prepend=False, append=False))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        for rows in [slice(start, stop)] if beat is None else beat.unbroken(start, stop):
            part = column[rows] if beat is None else beat.evened(column[rows], rows)
            # Mirrored at both ends by about one period of the cut-off, or as far as there are
            # frames.
            padding = min(int(np.ceil(period)), len(part) - 1)
            part = sosfiltfilt(sos, part, padtype="even", padlen=padding)
            out[rows] = part if beat is None else beat.at_frames(part, rows)
    return out
