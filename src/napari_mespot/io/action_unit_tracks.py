"""Action units per frame, as OpenFace 2 writes them, to be drawn beside the scores."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.openface_rows import one_face, read_columns

__all__ = ["ActionUnitTracks", "read_action_units"]

_TRACK = re.compile(r"AU\d{2}_[rc]")


@dataclass(frozen=True, slots=True, eq=False)
class ActionUnitTracks:
    """One value per frame for each of some action units.

    Parameters
    ----------
    names
        As OpenFace calls them, in the order of the file: ``"AU12_r"`` is an intensity from 0
        to 5, ``"AU12_c"`` is 1 where the unit is present and 0 where not.
    values
        (n_frames, n_tracks) float32, from frame 0; NaN where the table has no row, no number,
        or says that the face was not found.
    warnings
        One-line texts for the user.

    Raises
    ------
    ValueError
        If names and values do not fit together.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32] = field(repr=False)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[1] != len(self.names):
            raise ValueError(
                f"Expected values of shape (n_frames, {len(self.names)}), got {self.values.shape}"
            )

    @property
    def n_frames(self) -> int:
        """Number of frames, up to the last row of the table."""
        return len(self.values)

    def of(self, name: str) -> NDArray[np.float32]:
        """Return one track, (n_frames,).

        Raises
        ------
        ValueError
            If there is no track of that name.
        """
        return self.values[:, self.names.index(name)]


def read_action_units(path: str | Path) -> ActionUnitTracks:
    """Read the action units of the most frequent face of an OpenFace table.

    Parameters
    ----------
    path
        The CSV that OpenFace wrote; older ones without ``face_id`` and ones with spaces before
        the column names are understood. The columns ``AUxx_r`` and ``AUxx_c`` are read.

    Raises
    ------
    AnnotationFormatError
        If the file cannot be read, or is no OpenFace table with action units.
    """
    path = Path(path)
    try:
        columns, warnings = read_columns(path, lambda name: bool(_TRACK.fullmatch(name)))
    except ValueError as error:
        raise _not_a_table(path, str(error)) from error
    face = one_face(columns)
    names = tuple(name for name in face.columns if _TRACK.fullmatch(name))
    if not names:
        raise _not_a_table(path, "no column such as AU01_r")
    values = np.full((face.n_frames, len(names)), np.nan, dtype=np.float32)
    with np.errstate(over="ignore"):
        values[face.frames] = np.column_stack([face.columns[name] for name in names])
    if "success" in face.columns:
        values[face.frames[face.columns["success"] != 1]] = np.nan
    values[~np.isfinite(values)] = np.nan
    return ActionUnitTracks(names, values, (*warnings, *face.warnings))


def _not_a_table(path: Path, what: str) -> AnnotationFormatError:
    return AnnotationFormatError(
        f"{path}: expected an OpenFace table with action units, got {what}; choose the CSV that "
        "OpenFace wrote with -aus"
    )
