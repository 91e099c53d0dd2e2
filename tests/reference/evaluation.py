"""Slow, obvious versions of the evaluation, one frame and one pair at a time."""

from fractions import Fraction
from itertools import product

Span = tuple[int, int]  # onset, offset, both included


def iou_of_frame_sets(a: Span, b: Span) -> Fraction:
    """The definition of the grand challenge: sets of frames."""
    first, second = set(range(a[0], a[1] + 1)), set(range(b[0], b[1] + 1))
    return Fraction(len(first & second), len(first | second))


def iou_without_plus_one(a: Span, b: Span) -> Fraction:
    """Lengths from onset to offset on a line, in steps between neighbouring frames."""
    first, second = set(range(a[0], a[1])), set(range(b[0], b[1]))
    return Fraction(len(first & second), len(first | second)) if first | second else Fraction(0)


def greedy_hits(labels: list[Span], predictions: list[Span], iou: Fraction) -> int:
    """Take the best remaining pair again and again."""
    labels, predictions, n_hits = list(labels), list(predictions), 0
    while True:
        pairs = [
            (-iou_of_frame_sets(a, b), sorted((a, b)), i, j)
            for (i, a), (j, b) in product(enumerate(labels), enumerate(predictions))
            if iou_of_frame_sets(a, b) >= iou
        ]
        if not pairs:
            return n_hits
        *_, i, j = min(pairs)
        del labels[i], predictions[j]
        n_hits += 1


def labels_hit_by_any(labels: list[Span], predictions: list[Span], iou: Fraction) -> int:
    return sum(any(iou_of_frame_sets(a, b) >= iou for b in predictions) for a in labels)


def labels_hit_by_the_first(labels: list[Span], predictions: list[Span], iou: Fraction) -> int:
    """Walk over the predictions in order; the first that overlaps by 0.2 or by `iou` decides."""
    n_hits = 0
    for a in labels:
        for b in predictions:
            overlap = iou_without_plus_one(a, b)
            if overlap >= iou and overlap > 0:
                n_hits += 1
                break
            if overlap >= Fraction(1, 5):
                break
    return n_hits


def labels_claimed_as_best(labels: list[Span], predictions: list[Span], iou: Fraction) -> int:
    """Every prediction looks at its best label alone; a label that is taken is taken."""
    used = set()
    for b in predictions:
        if labels:
            best = max(range(len(labels)), key=lambda i: iou_of_frame_sets(labels[i], b))
            if iou_of_frame_sets(labels[best], b) >= iou:
                used.add(best)
    return len(used)


def predictions_claimed_as_best(labels: list[Span], predictions: list[Span], iou: Fraction) -> int:
    """Every label looks at its best prediction alone; lengths without +1; IoU above."""
    used = set()
    for a in labels:
        if predictions:
            overlaps = [iou_without_plus_one(a, b) for b in predictions]
            best = max(range(len(predictions)), key=lambda j: overlaps[j])
            if overlaps[best] > iou:
                used.add(best)
    return len(used)


def roc_auc_by_pairs(target: list[bool], scores: list[float]) -> float:
    """Compare every positive with every negative."""
    positives = [s for t, s in zip(target, scores, strict=True) if t]
    negatives = [s for t, s in zip(target, scores, strict=True) if not t]
    wins = sum((p > n) + 0.5 * (p == n) for p, n in product(positives, negatives))
    return wins / (len(positives) * len(negatives))


def average_precision_by_thresholds(target: list[bool], scores: list[float]) -> float:
    """Lower the threshold over every score that occurs."""
    total, previous = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        chosen = [t for t, s in zip(target, scores, strict=True) if s >= threshold]
        recall = sum(chosen) / sum(target)
        total += (recall - previous) * sum(chosen) / len(chosen)
        previous = recall
    return total


def f1_of_resamples(first: list[Span], second: list[Span], draws: list[list[int]]) -> list[float]:
    """F1 differences (second minus first) of (tp, fp, fn) rows, one draw of subjects at a time."""
    differences = []
    for draw in draws:
        values = []
        for rows in (first, second):
            tp, fp, fn = (sum(rows[i][c] * n for i, n in enumerate(draw)) for c in range(3))
            values.append(2 * tp / (2 * tp + fp + fn) if tp + fp + fn else 0.0)
        differences.append(values[1] - values[0])
    return differences
