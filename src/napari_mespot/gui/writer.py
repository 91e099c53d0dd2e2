"""What napari calls to save a shapes layer of intervals: our table, and other tools' files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_mespot.gui.tables import annotation_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

__all__ = ["write_intervals"]


def write_intervals(
    path: str, data: "Sequence[np.ndarray]", attributes: "Mapping[str, Any]"
) -> list[str]:
    """Write the intervals of a shapes layer; the suffix of the file says in which format.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    from napari.utils.notifications import show_warning

    from napari_mespot.io.dispatch import write_annotations

    write_annotations(Path(path), [annotation_of(data, attributes)], notice=show_warning)
    return [path]
