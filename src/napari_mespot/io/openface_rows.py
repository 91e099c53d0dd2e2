"""The rows of a table that OpenFace 2 writes about a video, one face of them.

Every function raises :class:`ValueError` with what is wrong; the reader that knows what the
table is for turns it into a user's error. Column names may carry a leading space, and older
tables have no ``face_id``.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.io.openface_cells import read_numbers
from napari_mespot.io.openface_people import OneFace, follow_face, is_place_column

__all__ = ["OneFace", "OpenFaceColumns", "most_frequent_face", "one_face", "read_columns"]

#: Columns by name, each (n_rows,).
OpenFaceColumns = dict[str, NDArray[np.float64]]

# A table may leave frames out, but a short one that names a frame far beyond them is damaged,
# and would need gigabytes.
_FRAMES_ALWAYS_TAKEN = 1_000_000
_FRAMES_PER_ROW = 100


def read_columns(
    path: Path, wanted: Callable[[str], bool]
) -> tuple[OpenFaceColumns, tuple[str, ...]]:
    """Read the columns that are wanted, and those that say where a face is.

    Returns
    -------
    The columns, and one-line texts for the user.

    Raises
    ------
    ValueError
        If the file cannot be read as a table, has no column ``frame`` or no rows, or a frame
        number is not a whole number from 0, or far beyond the length of the table.
    """
    columns, warnings = read_numbers(
        path, lambda name: name == "frame" or is_place_column(name) or wanted(name)
    )
    if "frame" not in columns:
        raise ValueError("no column frame")
    frames = columns["frame"]
    if not len(frames):
        raise ValueError("no rows")
    if not np.isfinite(frames).all():
        raise ValueError("a row without a frame number")
    largest = max(_FRAMES_ALWAYS_TAKEN, _FRAMES_PER_ROW * len(frames))
    wrong = frames[(frames < 0) | (frames > largest) | (frames != np.round(frames))]
    if len(wrong):
        raise ValueError(f"a frame number {wrong[0]:g} in a table of {len(frames)} rows")
    return columns, warnings


def one_face(columns: OpenFaceColumns) -> OneFace:
    """Keep the rows of one face, one for each frame that has any, in the order of the frames.

    The face that is seen in most frames is kept. It is followed by its place where the table
    has landmarks, because OpenFace's ``face_id`` is no person: it may change places with
    another or be given anew.
    """
    return follow_face(columns, _frame_numbers(columns))


def most_frequent_face(ids: list[int]) -> tuple[int, tuple[str, ...]]:
    """Return the face that is seen most often, and a warning if there are others."""
    counts = Counter(ids)
    kept = min(counts, key=lambda face: (-counts[face], face), default=0)
    if len(counts) < 2:
        return kept, ()
    text = f"OpenFace saw {len(counts)} faces: kept face {kept}, in {counts[kept]} frames"
    return kept, (text,)


def _frame_numbers(columns: OpenFaceColumns) -> NDArray[np.int64]:
    """Return the frame of each row, from 0: OpenFace counts from 1, some scripts from 0."""
    frames = columns["frame"].astype(np.int64)
    return frames if frames.min() == 0 else frames - 1
