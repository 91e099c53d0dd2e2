"""Annotations and scores in and out of files; every unit is converted here."""

from napari_mespot.io.atomic import atomic_write
from napari_mespot.io.dispatch import read_annotations, write_annotations
from napari_mespot.io.formats import FORMATS, AnnotationFormat, find_format
from napari_mespot.io.notices import AnnotationWarning
from napari_mespot.io.result_table import result_facts, write_result_table
from napari_mespot.io.scores import read_scores, write_scores
from napari_mespot.io.table import read_table, write_table

__all__ = [
    "FORMATS",
    "AnnotationFormat",
    "AnnotationWarning",
    "atomic_write",
    "find_format",
    "read_annotations",
    "read_scores",
    "read_table",
    "result_facts",
    "write_annotations",
    "write_result_table",
    "write_scores",
    "write_table",
]
