"""Annotations and scores in and out of files; every unit is converted here."""

from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.scores import read_scores, write_scores
from napari_mespot.io.table import read_table, write_table

__all__ = ["atomic_write", "read_scores", "read_table", "write_scores", "write_table"]
