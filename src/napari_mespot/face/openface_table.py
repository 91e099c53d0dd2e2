"""Read the table that OpenFace 2 writes about a video."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.face.geometry import RIGID_INDICES, RIGID_POINTS, fit_similarity
from napari_mespot.io.openface_rows import OpenFaceColumns, frame_numbers, one_face, read_columns

__all__ = ["OpenFaceTable", "read_openface_table"]

_COMMON_RATES = [
    Fraction(n) for n in (10, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 150, 200, 240)
] + [Fraction(n, 1001) for n in (24000, 30000, 60000, 120000)]
_RATE_TOLERANCE = 4e-4
_SLOWEST, _FASTEST = 5.0, 500.0
_NEEDED = ("confidence", "success")
_LANDMARKS = [f"{axis}_{i}" for i in RIGID_INDICES for axis in "xy"]


@dataclass(frozen=True, slots=True, eq=False)
class OpenFaceTable:
    """One face of an OpenFace table.

    Parameters
    ----------
    found, confidence
        (n,) per frame, from frame 0; False and 0 where the table has no row.
    transforms
        (n, 2, 3) frame → aligned frame from the table's own landmarks; the last one is
        repeated where the face was not found. None if the table has no landmarks.
    frame_rate
        From the timestamps; None if there are none.
    warnings
        One-line texts for the user.
    """

    found: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    transforms: NDArray[np.float64] | None
    frame_rate: Fraction | None
    warnings: tuple[str, ...] = ()


def read_openface_table(path: str | Path) -> OpenFaceTable:
    """Read the most frequent face of an OpenFace table.

    Raises
    ------
    FrameReadError
        If the file is missing, is no OpenFace table, or has no row.
    """
    columns, warnings = one_face(_columns(Path(path)))
    frames = frame_numbers(columns)
    n = int(frames.max()) + 1
    found, confidence = np.zeros(n, np.bool_), np.zeros(n, np.float32)
    found[frames] = columns["success"] == 1
    confidence[frames] = np.where(found[frames], columns["confidence"], 0)
    rate = _rate(frames, columns["timestamp"]) if "timestamp" in columns else None
    transforms = None
    if set(_LANDMARKS) <= set(columns):
        points = np.zeros((n, len(_LANDMARKS)))
        points[frames] = np.column_stack([columns[name] for name in _LANDMARKS])
        transforms = _fit_all(points.reshape(n, -1, 2), found)
    return OpenFaceTable(found, confidence, transforms, rate, warnings)


def _columns(path: Path) -> OpenFaceColumns:
    """Read the columns that are used."""
    wanted = {*_NEEDED, "face_id", "timestamp", *_LANDMARKS}
    try:
        columns = read_columns(path, wanted.__contains__)
    except ValueError as error:
        raise _not_a_table(path, str(error)) from error
    missing = sorted(set(_NEEDED) - set(columns))
    if missing:
        raise _not_a_table(path, f"no column {', '.join(missing)}")
    return columns


def _not_a_table(path: Path, what: str) -> FrameReadError:
    return FrameReadError(
        f"Expected an OpenFace table, got {path} ({what}): choose the CSV that OpenFace wrote"
    )


def _fit_all(points: NDArray[np.float64], found: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit the aligned frame to every frame's rigid points; repeat the last where not found."""
    transforms = np.empty((len(points), 2, 3))
    last = np.eye(2, 3)
    for frame, seen in enumerate(found):
        if seen:
            last = fit_similarity(points[frame], RIGID_POINTS, rms_scale=True)
        transforms[frame] = last
    return transforms


def _rate(frames: NDArray[np.int64], seconds: NDArray[np.float64]) -> Fraction | None:
    """Return the frame rate of timestamps that are rounded to milliseconds.

    None for what cannot be one: OpenFace counts milliseconds when it is given single images.
    """
    span = seconds[-1] - seconds[0]
    if span <= 0:
        return None
    rate = float((frames[-1] - frames[0]) / span)
    nearest = min(_COMMON_RATES, key=lambda common: abs(float(common) / rate - 1))
    # Two rounded ends make the span uncertain by up to a millisecond.
    tolerance = max(_RATE_TOLERANCE, 1e-3 / span)
    if not _SLOWEST <= rate <= _FASTEST:
        return None
    if abs(float(nearest) / rate - 1) <= tolerance:
        return nearest
    return Fraction(rate).limit_denominator(1000)
