"""The rules by which a prediction counts as a hit: ours, and those of published figures.

A rule says how the intersection over union (IoU) is measured, what it must reach, which
prediction answers for which label, whether the kind must be right, and which videos count.
Under every rule a label is hit at most once, and with N predictions, M labels and A labels
hit::

    TP = A    FP = N - A    FN = M - A

Where one prediction may hit several labels, A can exceed N in a video. `megc2020` then counts
no false positive there; the rules by own length keep the negative number, so that the sum over
videos is the published one.

Published figures on SAMM-LV rest on habits that their authors kept to that data set. A rule
carries them out where the frame rate is that of SAMM-LV, 200 frames per second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import Expression, ExpressionKind, Interval

__all__ = ["RULES", "Pair", "Rule", "find_rule", "iou_matrix"]

_SAMM_RATE = Fraction(200)
_DECIDING_IOU = 0.2

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
    kinds_by_own_length
        Whether any prediction can hit any label, and each is counted under the kind of its own
        length (ME up to 0.5 s from onset to offset). If not, a prediction can only hit a label
        of its own kind.
    only_videos_with_kind
        Whether a video counts for a kind only if it has labels of that kind.
    added_false_alarm
        Whether a video with labels of a kind and no prediction of it counts one false alarm.
    samm_frame_step
        At 200 fps, whole frame numbers are taken after division by this.
    samm_longest_label
        At 200 fps, labels that last more frames than this are left out; None: none is.
    samm_leaves_out_mae_at_start
        At 200 fps, whether MaE labels that begin in the first frame (onset 0 in the sheet of
        SAMM-LV, most of them very long) are left out.
    """

    name: str
    description: str
    pairing: Pairing
    inclusive: bool = True
    strictly_above: bool = False
    kinds_by_own_length: bool = False
    only_videos_with_kind: bool = False
    added_false_alarm: bool = False
    samm_frame_step: int = 1
    samm_longest_label: int | None = None
    samm_leaves_out_mae_at_start: bool = False

    def pairs(
        self, reference: Sequence[Interval], hypothesis: Sequence[Interval], iou: float
    ) -> list[Pair]:
        """Return (label, prediction) of every hit; each label at most once."""
        ious = iou_matrix(reference, hypothesis, inclusive=self.inclusive)
        reaches = ious > iou if self.strictly_above else (ious >= iou) & (ious > 0)
        return self.pairing(ious, reaches, reference, hypothesis)

    def counts_label(self, label: Expression, frame_rate: Fraction | None) -> bool:
        """Whether a label of a video of this frame rate counts at all."""
        if frame_rate != _SAMM_RATE:
            return True
        longest = self.samm_longest_label
        at_start = label.kind is ExpressionKind.MACRO and label.onset == 0
        return not (
            (longest is not None and label.offset - label.onset > longest)
            or (at_start and self.samm_leaves_out_mae_at_start)
        )

    def placed(self, interval: Interval, frame_rate: Fraction | None) -> Interval:
        """Return an interval in the frames that the rule counts in."""
        step = self.samm_frame_step if frame_rate == _SAMM_RATE else 1
        return Interval(interval.onset // step, interval.offset // step)


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


def first_overlapping(
    ious: NDArray[np.float64],
    reaches: NDArray[np.bool_],
    reference: Sequence[Interval],
    hypothesis: Sequence[Interval],
) -> list[Pair]:
    """Let the first prediction that overlaps a label by 0.2 or more decide on it.

    A later one is not looked at, even if it fits better; a prediction may decide on several.
    """
    if not hypothesis:
        return []
    first = (reaches | (ious >= _DECIDING_IOU)).argmax(axis=1)
    return [(row, int(first[row])) for row in range(len(reference)) if reaches[row, first[row]]]


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
            "frames, kinds separate, only videos with labels of the kind, one false alarm added "
            "where nothing is predicted in them; at 200 fps without MaE that begin in frame 0",
            best_label,
            only_videos_with_kind=True,
            added_false_alarm=True,
            samm_leaves_out_mae_at_start=True,
        ),
        Rule(
            "class-agnostic",
            "the first prediction of any kind that overlaps a label by 0.2 decides, and may hit "
            "several; lengths without +1, each counted under the kind of its own length, all "
            "videos",
            first_overlapping,
            inclusive=False,
            kinds_by_own_length=True,
        ),
        Rule(
            "lgsnet",
            "a label is hit by its best prediction of any kind, which may hit several; inclusive "
            "frames, each counted under the kind of its own length, all videos; at 200 fps "
            "without labels of more than 800 frames",
            any_prediction,
            kinds_by_own_length=True,
            samm_longest_label=800,
        ),
        Rule(
            "abpn",
            "a label can be hit only by the prediction that fits it best, each prediction "
            "once; lengths without +1, IoU above the threshold, kinds separate, all videos; at "
            "200 fps in steps of 8 frames",
            best_prediction,
            inclusive=False,
            strictly_above=True,
            samm_frame_step=8,
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
