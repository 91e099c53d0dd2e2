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

__all__ = ["OpenFaceColumns", "frame_numbers", "most_frequent_face", "one_face", "read_columns"]

#: Columns by name, each (n_rows,).
OpenFaceColumns = dict[str, NDArray[np.float64]]

_LARGEST_FRAME = 50_000_000


def read_columns(path: Path, wanted: Callable[[str], bool]) -> OpenFaceColumns:
    """Read the columns that are wanted, and no others: a table has some 700.

    Raises
    ------
    ValueError
        If the file cannot be read as a table, has no column ``frame`` or no rows, or a frame
        number is not a whole number from 0.
    """
    import pandas as pd

    try:
        rows = pd.read_csv(
            path,
            skipinitialspace=True,
            index_col=False,  # else a comma at the end of every row shifts the columns
            usecols=lambda name: name.strip() == "frame" or wanted(name.strip()),
        )
        rows.columns = rows.columns.str.strip()
        columns: OpenFaceColumns = {
            str(name): rows[name].to_numpy(dtype=np.float64) for name in rows.columns
        }
    except (OSError, ValueError) as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if "frame" not in columns:
        raise ValueError("no column frame")
    if rows.empty:
        raise ValueError("no rows")
    frames = columns["frame"]
    if not np.isfinite(frames).all():
        raise ValueError("a row without a frame number")
    wrong = frames[(frames < 0) | (frames > _LARGEST_FRAME) | (frames != np.round(frames))]
    if len(wrong):
        raise ValueError(f"a frame number {wrong[0]:g}")
    return columns


def one_face(columns: OpenFaceColumns) -> tuple[OpenFaceColumns, tuple[str, ...]]:
    """Keep the rows of the face that is seen most often, and warn if there are others."""
    if "face_id" not in columns:
        return columns, ()
    faces = columns["face_id"]
    seen = faces[columns["success"] == 1] if "success" in columns else faces
    if not len(seen):
        return columns, ()
    kept, warnings = most_frequent_face([int(face) for face in seen])
    rows = faces == kept
    return {name: values[rows] for name, values in columns.items()}, warnings


def most_frequent_face(ids: list[int]) -> tuple[int, tuple[str, ...]]:
    """Return the face that is seen most often, and a warning if there are others."""
    counts = Counter(ids)
    kept = min(counts, key=lambda face: (-counts[face], face), default=0)
    if len(counts) < 2:
        return kept, ()
    text = f"OpenFace saw {len(counts)} faces: kept face {kept}, in {counts[kept]} frames"
    return kept, (text,)


def frame_numbers(columns: OpenFaceColumns) -> NDArray[np.int64]:
    """Return the frame of each row, from 0: OpenFace counts from 1, some scripts from 0."""
    frames = columns["frame"].astype(np.int64)
    return frames if frames.min() == 0 else frames - 1
