"""Which predictions hit which labels in one video.

*Reference* is what is held to be true, *hypothesis* is what was predicted.

Rejected expressions are neither labels nor predictions. Where the reference says which
ranges a person has looked at, a prediction most of whose frames lie in none of them (and in
no label) is left out unless it hits: nobody can say that it is wrong. A reference that names
no range holds for the whole video.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction

from napari_mespot.evaluation.counts import KindCounts, SpottingCounts
from napari_mespot.evaluation.rules import Pair, Rule, find_rule
from napari_mespot.model import (
    Annotation,
    Clock,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    merged,
)

__all__ = ["Hit", "Matching", "match_expressions", "shared_clock"]

_LONGEST_ME_S = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Hit:
    """A label and the prediction that found it."""

    reference: Expression
    hypothesis: Expression


@dataclass(frozen=True, slots=True)
class Matching:
    """What was found in one video, or in several.

    Parameters
    ----------
    hits
        Labels found, with the prediction that answers for each.
    missed
        Labels that nothing found (the false negatives).
    false_alarms
        Predictions that answer for no label. Under the rules that let one prediction hit
        several labels, this can be longer than the count of false positives.
    counts
        The counts, per kind.
    """

    hits: tuple[Hit, ...]
    missed: tuple[Expression, ...]
    false_alarms: tuple[Expression, ...]
    counts: KindCounts

    def __add__(self, other: "Matching") -> "Matching":
        return Matching(
            self.hits + other.hits,
            self.missed + other.missed,
            self.false_alarms + other.false_alarms,
            self.counts + other.counts,
        )


def match_expressions(
    reference: Annotation,
    hypothesis: Annotation,
    rule: Rule | str = "strict",
    iou: float = 0.5,
) -> Matching:
    """Match the predictions of one video to its labels.

    Parameters
    ----------
    reference, hypothesis
        Labels and predictions of the same video.
    rule
        One of :data:`~napari_mespot.evaluation.rules.RULES`, or its name.
    iou
        Intersection over union that a hit must reach (paper, Eq. 3: 0.5).

    Raises
    ------
    ValueError
        If there is no such rule or `iou` does not lie in (0, 1].
    """
    rule = find_rule(rule) if isinstance(rule, str) else rule
    if not 0 < iou <= 1:
        raise ValueError(f"Expected 0 < iou <= 1, got {iou}")
    rate = reference.frame_rate or hypothesis.frame_rate
    labels, predictions = _counted(reference), _counted(hypothesis)
    known = merged((*reference.reviewed, *(e.interval for e in labels)))
    labels = [label for label in labels if rule.counts_label(label, rate)]
    everywhere = not reference.reviewed
    matching = Matching((), (), (), KindCounts())
    for group in _groups(rule, labels, predictions, shared_clock(reference, hypothesis)):
        pairs = rule.pairs(
            [rule.placed(e.interval, rate) for e in group.labels],
            [rule.placed(e.interval, rate) for e in group.predictions],
            iou,
        )
        answering = {column for _, column in pairs}
        judged = {
            column
            for column, prediction in enumerate(group.predictions)
            if everywhere or column in answering or _is_known(prediction.interval, known)
        }
        matching += group.outcome(pairs, judged)
    return matching


def shared_clock(reference: Annotation, hypothesis: Annotation) -> Clock | None:
    """Return when the frames of a video are shown, by the side that says more of it."""
    return reference.times or hypothesis.times or reference.clock or hypothesis.clock


@dataclass(frozen=True, slots=True)
class _Group:
    """Labels and predictions that may hit each other, and the kind each is counted under."""

    rule: Rule
    labels: Sequence[Expression]
    predictions: Sequence[Expression]
    label_kinds: Sequence[ExpressionKind]
    prediction_kinds: Sequence[ExpressionKind]

    def outcome(self, pairs: Sequence[Pair], judged: Set[int]) -> Matching:
        """Count the pairs, over the predictions (by column) that can be judged."""
        hit_rows, answering = {row for row, _ in pairs}, {column for _, column in pairs}
        counts = {}
        for kind in ExpressionKind:
            n_hit = sum(self.label_kinds[row] is kind for row in hit_rows)
            n_labels = sum(k is kind for k in self.label_kinds)
            n_predictions = sum(self.prediction_kinds[column] is kind for column in judged)
            n_false = n_predictions - n_hit
            if not self.rule.kinds_by_own_length:
                n_false = max(0, n_false)
            if self.rule.added_false_alarm and n_labels and not self.predictions:
                n_false += 1
            counts[kind] = SpottingCounts(n_hit, n_false, n_labels - n_hit)
        return Matching(
            tuple(Hit(self.labels[row], self.predictions[column]) for row, column in pairs),
            tuple(e for row, e in enumerate(self.labels) if row not in hit_rows),
            tuple(self.predictions[column] for column in sorted(judged - answering)),
            KindCounts(counts[ExpressionKind.MICRO], counts[ExpressionKind.MACRO]),
        )


def _groups(
    rule: Rule,
    labels: Sequence[Expression],
    predictions: Sequence[Expression],
    clock: Clock | None,
) -> Iterator[_Group]:
    """Yield the groups that a rule keeps apart."""
    if rule.kinds_by_own_length:
        label_kinds = [_kind_by_length(e, clock) for e in labels]
        prediction_kinds = [_kind_by_length(e, clock) for e in predictions]
        yield _Group(rule, labels, predictions, label_kinds, prediction_kinds)
        return
    for kind in ExpressionKind:
        of_kind = [e for e in labels if e.kind is kind]
        found = [e for e in predictions if e.kind is kind]
        if of_kind or not rule.only_videos_with_kind:
            yield _Group(rule, of_kind, found, [kind] * len(of_kind), [kind] * len(found))


def _counted(annotation: Annotation) -> list[Expression]:
    return [e for e in annotation.expressions if e.status is not ReviewStatus.REJECTED]


def _is_known(interval: Interval, known: Sequence[Interval]) -> bool:
    """Whether at least half of the frames lie where a person has looked."""
    return 2 * sum(interval.overlap(k) for k in known) >= interval.n_frames


def _kind_by_length(expression: Expression, clock: Clock | None) -> ExpressionKind:
    """Return ME up to half a second from onset to offset, else MaE; without a rate as stated."""
    if clock is None:
        return expression.kind
    length_s = clock.second_of(expression.offset) - clock.second_of(expression.onset)
    return ExpressionKind.MICRO if length_s <= _LONGEST_ME_S else ExpressionKind.MACRO
