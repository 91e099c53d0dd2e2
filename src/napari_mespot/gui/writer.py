"""What napari calls to save a shapes layer of intervals: our table, and other tools' files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_mespot.gui.tables import annotation_of, is_interval_layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

__all__ = ["write_intervals"]


def write_intervals(
    path: str, data: "Sequence[np.ndarray]", attributes: "Mapping[str, Any]"
) -> list[str]:
    """Write the intervals of a shapes layer; the suffix of the file says in which format.

    Where two plugins write files of one ending, napari takes the one that it met first. Shapes of
    other people that are to be a plain ``.csv`` are therefore handed to napari's own writer.

    Raises
    ------
    OutputError
        If the file cannot be written, or the shapes are no intervals and its name is one of ours.
    """
    from napari.utils.notifications import show_warning

    from napari_mespot.io.dispatch import write_annotations

    if not is_interval_layer(attributes) and _is_plain_csv(path):
        from napari_builtins.io import napari_write_shapes  # type: ignore[import-untyped]

        written = napari_write_shapes(path, data, dict(attributes))
        return [written] if written else []
    write_annotations(Path(path), [annotation_of(data, attributes)], notice=show_warning)
    return [path]


def _is_plain_csv(path: str) -> bool:
    name = path.lower()
    return name.endswith(".csv") and not name.endswith((".intervals.csv", ".labels.csv"))
