"""Where a track falls and rises again between two peaks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks, peak_prominences, peak_widths

__all__ = ["Dips", "find_dips"]


@dataclass(frozen=True, eq=False, slots=True)
class Dips:
    """Inner minima.

    Parameters
    ----------
    rows
        Row of each minimum; the middle of a flat one. Shape (n,).
    depths
        How far the track falls, as a share of the lower of the two peaks beside it, from 0 to 1.
        These are the highest values between the minimum and the next deeper one, or the end of
        its run, on either side.
    start, stop
        The rows around it that lie below half of its depth, `stop` exclusive.
    """

    rows: NDArray[np.int64]
    depths: NDArray[np.float64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    def __getitem__(self, chosen: NDArray[np.bool_]) -> "Dips":
        return Dips(self.rows[chosen], self.depths[chosen], self.start[chosen], self.stop[chosen])


def find_dips(track: NDArray[np.float64], inside: NDArray[np.bool_]) -> Dips:
    """Find the inner minima of each run of rows.

    Parameters
    ----------
    track
        Values from 0 on, shape (n,); what lies outside of the runs counts for nothing.
    inside
        Whether each row lies in a run, shape (n,).
    """
    upside_down = np.where(inside, -track, np.inf)
    rows = find_peaks(upside_down)[0]
    rows = rows[inside[rows]]
    prominences = peak_prominences(upside_down, rows)
    fall = prominences[0]
    _, _, left, right = peak_widths(upside_down, rows, 0.5, prominence_data=prominences)
    return Dips(
        rows,
        fall / (fall + track[rows]),
        np.floor(left).astype(np.int64) + 1,
        np.ceil(right).astype(np.int64),
    )
