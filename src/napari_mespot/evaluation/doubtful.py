"""Labels that their own coder doubts.

A prediction that finds one is neither right nor wrong, and one that nothing finds is not missed.
"""

from collections.abc import Sequence
from dataclasses import replace

from napari_mespot.evaluation.counts import KindCounts, SpottingCounts
from napari_mespot.evaluation.matching import Matching, match_expressions
from napari_mespot.model import Annotation, Expression, ExpressionKind, ReviewStatus

__all__ = ["is_doubtful", "match_clear", "of_any_kind"]

_COLUMNS = {"confidence", "certainty"}
_WORDS = {"doubtful", "uncertain", "unsure", "low"}


def is_doubtful(expression: Expression) -> bool:
    """Whether a label is marked as uncertain.

    By its status, or by a column ``confidence`` or ``certainty`` that says *doubtful*,
    *uncertain*, *unsure* or *low*.
    """
    if expression.status is ReviewStatus.UNCERTAIN:
        return True
    return any(
        name.strip().casefold() in _COLUMNS and value.strip().casefold() in _WORDS
        for name, value in expression.extras
    )


def match_clear(reference: Annotation, hypothesis: Annotation, iou: float = 0.5) -> Matching:
    """Match predictions to the clear labels, under the strict rule.

    Clear labels are matched first. Of the predictions that are left, those that hit a doubtful
    label are taken out: they are among neither the hits nor the false alarms.

    Parameters
    ----------
    reference, hypothesis
        Labels and predictions of the same video.
    iou
        Intersection over union that a hit must reach.

    Raises
    ------
    ValueError
        If `iou` does not lie in (0, 1].
    """
    doubtful = tuple(e for e in reference.expressions if is_doubtful(e))
    found = match_expressions(reference.without(*doubtful), hypothesis, iou=iou)
    left = replace(hypothesis, expressions=found.false_alarms)
    hits = match_expressions(replace(reference, expressions=doubtful), left, iou=iou).hits
    false = list(found.false_alarms)
    for hit in hits:
        false.remove(hit.hypothesis)
    taken = [hit.hypothesis for hit in hits]
    counts = KindCounts(
        _less(found.counts.me, taken, ExpressionKind.MICRO),
        _less(found.counts.mae, taken, ExpressionKind.MACRO),
    )
    return Matching(found.hits, found.missed, tuple(false), counts)


def of_any_kind(annotation: Annotation) -> Annotation:
    """Return the same expressions all of one kind, for figures in which the kind is of no matter.

    The kind is MaE; of expressions that then are equal, every copy stays.
    """
    one_kind = (replace(e, kind=ExpressionKind.MACRO) for e in annotation.expressions)
    return replace(annotation, expressions=tuple(one_kind))


def _less(
    counts: SpottingCounts, taken: Sequence[Expression], kind: ExpressionKind
) -> SpottingCounts:
    n_taken = sum(e.kind is kind for e in taken)
    return replace(counts, fp=counts.fp - n_taken)
