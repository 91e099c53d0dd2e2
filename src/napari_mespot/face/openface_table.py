"""Read the table that OpenFace 2 writes about a video."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.face.geometry import RIGID_INDICES, RIGID_POINTS, fit_similarity
from napari_mespot.io.openface_rows import OneFace, OpenFaceColumns, one_face, read_columns

__all__ = ["OpenFaceTable", "read_openface_table"]

_COMMON_RATES = [
    Fraction(n) for n in (10, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 150, 200, 240)
] + [Fraction(n, 1001) for n in (24000, 30000, 60000, 120000)]
_RATE_TOLERANCE = 4e-4
_SLOWEST, _FASTEST = 5.0, 500.0
_LARGEST_PX = 1e6
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
    breaks
        Frames from which the face is another one, or in another place.
    numbers
        (n,) ``face_id`` of the face that was kept; -1 where the table has none.
    """

    found: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    transforms: NDArray[np.float64] | None
    frame_rate: Fraction | None
    warnings: tuple[str, ...] = ()
    breaks: tuple[int, ...] = ()
    numbers: NDArray[np.int64] | None = None


def read_openface_table(path: str | Path) -> OpenFaceTable:
    """Read the most frequent face of an OpenFace table.

    Raises
    ------
    FrameReadError
        If the file is missing, is no OpenFace table, or has no row.
    """
    columns, warnings = _columns(Path(path))
    rate = _rate(columns) if "timestamp" in columns else None
    face = one_face(columns)
    n = face.n_frames
    found, confidence = np.zeros(n, np.bool_), np.zeros(n, np.float32)
    found[face.frames] = face.columns["success"] == 1
    confidence[face.frames] = np.clip(np.nan_to_num(face.columns["confidence"]), 0, 1)
    transforms = None
    if set(_LANDMARKS) <= set(columns):
        transforms = _fit_all(face, found)
    numbers = np.full(n, -1, np.int64)
    if "face_id" in columns:
        numbers[face.frames] = np.nan_to_num(face.columns["face_id"], nan=-1)
    return OpenFaceTable(
        found,
        np.where(found, confidence, 0).astype(np.float32),
        transforms,
        rate,
        (*warnings, *face.warnings),
        face.breaks,
        numbers,
    )


def _columns(path: Path) -> tuple[OpenFaceColumns, tuple[str, ...]]:
    """Read the columns that are used."""
    wanted = {*_NEEDED, "timestamp", *_LANDMARKS}
    try:
        columns, warnings = read_columns(path, wanted.__contains__)
    except ValueError as error:
        raise _not_a_table(path, str(error)) from error
    missing = sorted(set(_NEEDED) - set(columns))
    if missing:
        raise _not_a_table(path, f"no column {', '.join(missing)}")
    return columns, warnings


def _not_a_table(path: Path, what: str) -> FrameReadError:
    return FrameReadError(
        f"Expected an OpenFace table, got {path} ({what}): choose the CSV that OpenFace wrote"
    )


def _fit_all(face: OneFace, found: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fit the aligned frame to every row's rigid points; repeat the last where not found.

    A row whose points are no face (not a number, all in one place) is taken out of `found`.
    """
    points = np.column_stack([face.columns[name] for name in _LANDMARKS]).reshape(
        len(face.frames), -1, 2
    )
    fits = (np.abs(np.nan_to_num(points, nan=np.inf)) < _LARGEST_PX).all(axis=(1, 2))
    fits &= np.ptp(points, axis=1).min(axis=1) > 0
    found[face.frames] &= fits
    transforms = np.empty((len(found), 2, 3))
    last = np.eye(2, 3)
    rows = np.full(len(found), -1, np.int64)
    rows[face.frames] = np.arange(len(face.frames))
    for frame, row in enumerate(rows):
        if row >= 0 and found[frame]:
            last = fit_similarity(points[row], RIGID_POINTS, rms_scale=True)
        transforms[frame] = last
    return transforms


def _rate(columns: OpenFaceColumns) -> Fraction | None:
    """Return the frame rate of timestamps that are rounded to milliseconds.

    None for what cannot be one: OpenFace counts milliseconds when it is given single images.
    """
    timed = np.isfinite(columns["timestamp"])
    frames, seconds = columns["frame"][timed], columns["timestamp"][timed]
    if not len(frames):
        return None
    first, last = int(np.argmin(frames)), int(np.argmax(frames))
    span = seconds[last] - seconds[first]
    n = frames[last] - frames[first]
    if span <= 0 or not _SLOWEST <= n / span <= _FASTEST:
        return None
    rate = float(n / span)
    nearest = min(_COMMON_RATES, key=lambda common: abs(float(common) / rate - 1))
    # Two rounded ends make the span uncertain by up to a millisecond.
    tolerance = max(_RATE_TOLERANCE, 1e-3 / span)
    if abs(float(nearest) / rate - 1) <= tolerance:
        return nearest
    return Fraction(rate).limit_denominator(1000)
