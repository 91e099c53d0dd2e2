"""The rules by which a prediction counts as a hit: ours, and those of published figures.

A rule says how the intersection over union (IoU) is measured, what it must reach, which
prediction answers for which label, whether the kind must be right, and which videos count.
Under every rule a label is hit at most once, and with N predictions, M labels and A labels
hit::

    TP = A    FP = N - A    FN = M - A

Where one prediction may hit several labels, A can exceed N; FP is then 0.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Interval

__all__ = ["RULES", "Pair", "Rule", "find_rule", "iou_matrix"]

Pair = tuple[int, int]  # row of the label, column of the prediction
Pairing = Callable[
    [NDArray[np.float64], NDArray[np.bool_], Sequence[Interval], Sequence[Interval]], list[Pair]
]


@dataclass(frozen=True)
class Rule:
    """One way to count hits.

    Parameters
    ----------
    name
        As the user types it.
    description
        What counts as a true positive, in one sentence.
    pairing
        Chooses the prediction that answers for each label.
    inclusive
        Whether both ends of an interval belong to it when its length is measured. If not, an
        interval of one frame has no length and hits nothing.
    strictly_above
        Whether the IoU must exceed the threshold rather than reach it.
    separate_kinds
        Whether a prediction can only hit a label of its own kind.
    only_videos_with_kind
        Whether a video counts for a kind only if it has labels of that kind.
    """

    name: str
    description: str
    pairing: Pairing
    inclusive: bool = True
    strictly_above: bool = False
    separate_kinds: bool = True
    only_videos_with_kind: bool = False

    def pairs(
        self, reference: Sequence[Interval], hypothesis: Sequence[Interval], iou: float
    ) -> tuple[NDArray[np.float64], list[Pair]]:
        """Return which pairs reach the threshold, and which of them count.

        Returns
        -------
        overlaps
            Shape (labels, predictions): the IoU where it is enough, else 0.
        pairs
            (label, prediction) of every hit; each label at most once.
        """
        ious = iou_matrix(reference, hypothesis, inclusive=self.inclusive)
        reaches = ious > iou if self.strictly_above else (ious >= iou) & (ious > 0)
        return ious * reaches, self.pairing(ious, reaches, reference, hypothesis)


def iou_matrix(
    reference: Sequence[Interval], hypothesis: Sequence[Interval], *, inclusive: bool
) -> NDArray[np.float64]:
    """Return the IoU of every label with every prediction, shape (labels, predictions).

    Lengths are ``offset - onset + 1`` if `inclusive` (paper, Eq. 3), else
    ``offset - onset``; the IoU of two intervals without length is 0.
    """
    extra = int(inclusive)
    labels = np.array([(i.onset, i.offset) for i in reference], dtype=np.int64).reshape(-1, 1, 2)
    others = np.array([(i.onset, i.offset) for i in hypothesis], dtype=np.int64).reshape(1, -1, 2)
    first = np.maximum(labels[..., 0], others[..., 0])
    last = np.minimum(labels[..., 1], others[..., 1])
    shared = np.maximum(last - first + extra, 0)
    lengths = (labels[..., 1] - labels[..., 0] + extra) + (others[..., 1] - others[..., 0] + extra)
    union = lengths - shared
    return np.asarray(np.divide(shared, union, out=np.zeros(shared.shape), where=union > 0))


def one_to_one(
    ious: NDArray[np.float64],
    reaches: NDArray[np.bool_],
    reference: Sequence[Interval],
    hypothesis: Sequence[Interval],
) -> list[Pair]:
    """Take pairs by descending IoU; each label and each prediction at most once.

    Ties are broken by the frames of the two intervals, whichever of them is the label, so
    that the result does not change when labels and predictions change places.
    """

    def order(pair: Pair) -> tuple[float, list[Interval]]:
        row, column = pair
        return -float(ious[row, column]), sorted((reference[row], hypothesis[column]))

    free_rows, free_columns = set(range(len(reference))), set(range(len(hypothesis)))
    pairs = []
    for row, column in sorted(_places(reaches), key=order):
        if row in free_rows and column in free_columns:
            free_rows.remove(row)
            free_columns.remove(column)
            pairs.append((row, column))
    return sorted(pairs)


def any_prediction(
    ious: NDArray[np.float64],
    reaches: NDArray[np.bool_],
    reference: Sequence[Interval],
    hypothesis: Sequence[Interval],
) -> list[Pair]:
    """Give each label its best prediction, whether or not others have it too."""
    if not hypothesis:
        return []
    best = np.where(reaches, ious, -1.0).argmax(axis=1)
    return [(row, int(best[row])) for row in range(len(reference)) if reaches[row, best[row]]]


def best_label(
    ious: NDArray[np.float64],
    reaches: NDArray[np.bool_],
    reference: Sequence[Interval],
    hypothesis: Sequence[Interval],
) -> list[Pair]:
    """Let each prediction claim only the label it fits best; a label answers once."""
    if not reference:
        return []
    best = ious.argmax(axis=0)
    claims = np.zeros_like(reaches)
    columns = np.arange(len(hypothesis))
    claims[best, columns] = reaches[best, columns]
    return any_prediction(ious, claims, reference, hypothesis)


def best_prediction(
    ious: NDArray[np.float64],
    reaches: NDArray[np.bool_],
    reference: Sequence[Interval],
    hypothesis: Sequence[Interval],
) -> list[Pair]:
    """Let each label claim only the prediction that fits it best; a prediction answers once."""
    pairs = best_label(ious.T, reaches.T, hypothesis, reference)
    return sorted((row, column) for column, row in pairs)


def _places(reaches: NDArray[np.bool_]) -> list[Pair]:
    rows, columns = np.nonzero(reaches)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "strict",
            "one-to-one by descending IoU, inclusive frames, kinds separate, all videos",
            one_to_one,
        ),
        Rule(
            "megc2020",
            "a label is hit by any prediction and a prediction may hit several; inclusive "
            "frames, kinds separate, all videos",
            any_prediction,
        ),
        Rule(
            "softnet",
            "a prediction can hit only the label it fits best, each label once; inclusive "
            "frames, kinds separate, only videos with labels of the kind",
            best_label,
            only_videos_with_kind=True,
        ),
        Rule(
            "class-agnostic",
            "a label is hit by any prediction of any kind, which may hit several; lengths "
            "without +1, kind by length, all videos",
            any_prediction,
            inclusive=False,
            separate_kinds=False,
        ),
        Rule(
            "abpn",
            "a label can be hit only by the prediction that fits it best, each prediction "
            "once; lengths without +1, IoU above the threshold, kinds separate, all videos",
            best_prediction,
            inclusive=False,
            strictly_above=True,
        ),
    )
}


def find_rule(name: str) -> Rule:
    """Return the rule of this name.

    Raises
    ------
    ValueError
        If there is none; the text lists them.
    """
    if name not in RULES:
        raise ValueError(f"Expected one of {', '.join(RULES)}, got {name!r}")
    return RULES[name]
