"""A row of a label sheet before anything is mended: whose, which video, and the raw cells."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from napari_mespot.io.datasets.dataset import DatasetKind, LabelProblem
from napari_mespot.io.datasets.workbook import SheetRow, WorkSheet, cell_text
from napari_mespot.model import ExpressionKind

__all__ = ["RawLabel", "SheetLabels", "SheetLayout", "VideoKey", "kind_of", "unplaced"]

#: Subject and video, both as the annotation names them.
VideoKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RawLabel:
    """One row.

    Parameters
    ----------
    sheet, row
        Where it stands.
    key
        Subject and video.
    kind
        ME, MaE, or None for a movement that is no expression.
    onset, apex, offset
        The cells; the numbers in them count frames from `first`.
    first
        Number that the first frame of the video has in this sheet.
    action_units, emotion, notes
        As for an expression.
    extras
        Further columns that are kept, as (name, text).
    """

    sheet: str
    row: int
    key: VideoKey
    kind: ExpressionKind | None
    onset: object
    apex: object
    offset: object
    first: int = 1
    action_units: str = ""
    emotion: str = ""
    notes: str = ""
    extras: tuple[tuple[str, str], ...] = ()

    @property
    def raw(self) -> str:
        """The three numbers as they stand there."""
        cells = (self.onset, self.apex, self.offset)
        return ", ".join(
            f"{name} {cell_text(cell) or 'empty'}"
            for name, cell in zip(("onset", "apex", "offset"), cells, strict=True)
        )

    @property
    def raw_extras(self) -> tuple[tuple[str, str], ...]:
        """All that is kept of the row as it stands there."""
        cells = {"onset": self.onset, "apex": self.apex, "offset": self.offset}
        raw = tuple((f"raw_{name}", cell_text(cell)) for name, cell in cells.items())
        return (*raw, ("sheet_row", str(self.row)), *self.extras)

    def problem(self, rule: str, raw: str, remedy: str) -> LabelProblem:
        """Return a problem of this row."""
        return LabelProblem(self.sheet, self.row, rule, raw, remedy)


@dataclass(frozen=True, slots=True)
class SheetLabels:
    """All rows of a workbook, and what could not be understood in it."""

    labels: tuple[RawLabel, ...]
    problems: tuple[LabelProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How one data set lies on a disk.

    Parameters
    ----------
    kind, name
        What it is called.
    frame_rate
        Frames per second, from the path of the workbook.
    looked_for
        What sheet and frames look like, for messages.
    read
        Returns the rows of a workbook, or None if it is not of this data set.
    key_of
        Returns subject and video from the parts of a path, or None if it is no video of it.
    """

    kind: DatasetKind
    name: str
    frame_rate: Callable[[Path], Fraction]
    looked_for: str
    read: Callable[[tuple[WorkSheet, ...]], SheetLabels | None]
    key_of: Callable[[tuple[str, ...]], VideoKey | None]


def kind_of(text: str) -> ExpressionKind | None:
    """Read the kind as data sets write it: "Micro - 1/2", "macro-expression", ..."""
    word = text.strip().lower()
    if word.startswith(("micro", "me")):
        return ExpressionKind.MICRO
    return ExpressionKind.MACRO if word.startswith(("macro", "mae", "maro")) else None


def unplaced(sheet: WorkSheet, row: SheetRow, rule: str, raw: str) -> LabelProblem:
    """Return the problem of a row that says of no video or no kind what it is about."""
    return LabelProblem(sheet.title, row.row, rule, raw or "empty", "the row is left out")
