"""What tracking says of one frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TrackedFrame"]


@dataclass(frozen=True, slots=True, eq=False)
class TrackedFrame:
    """What is known of the face in one frame.

    Parameters
    ----------
    found
        Whether the face is there.
    confidence
        Correlation with the template (registration) or landmark score, 0 to 1; 0 if lost.
    transform
        (2, 3) frame → aligned frame; the last known one where the face is lost.
    segment
        Number of the unbroken run the frame belongs to; it changes where tracking starts
        again, so that nothing is smoothed across the break.
    """

    found: bool
    confidence: float
    transform: NDArray[np.float64]
    segment: int
