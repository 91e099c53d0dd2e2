"""The labels of a data set without its frames."""

from dataclasses import dataclass

from napari_mespot.io.datasets.dataset import DatasetKind, LabelProblem
from napari_mespot.model import Annotation, Expression, ExpressionKind

__all__ = ["DatasetLabels"]


@dataclass(frozen=True, slots=True)
class DatasetLabels:
    """What the label sheet says, whether or not the frames are there.

    Parameters
    ----------
    name, kind
        As for :class:`~napari_mespot.io.datasets.SpottingDataset`.
    annotations
        One per video that the sheet names; their lengths are unknown.
    problems
        What was odd in the sheet.
    n_non_expressions
        Number of labelled movements that are no expressions.
    """

    name: str
    kind: DatasetKind
    annotations: tuple[Annotation, ...]
    problems: tuple[LabelProblem, ...] = ()
    n_non_expressions: int = 0

    def count(self, kind: ExpressionKind) -> int:
        """Count the labels of one kind."""
        return len(self.expressions(kind))

    def expressions(self, kind: ExpressionKind) -> tuple[Expression, ...]:
        """Return the labels of one kind, video by video, in the numbers of the sheet."""
        return tuple(e for annotation in self.annotations for e in annotation.of_kind(kind))
