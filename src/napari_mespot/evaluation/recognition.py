"""Spot, then recognise: the score of the later grand challenges (STRS).

STRS = F1 of spotting × F1 of the emotion, where the emotion is compared on the hits only
(Liong, See, Chan, "Spot-then-recognize", Signal Processing: Image Communication 110, 2023).
The F1 of the emotion is the harmonic mean of two averages over emotions, of precision and of
recall, as the metric's published program computes it; not the average of the F1 values.
"""

from collections.abc import Sequence

from napari_mespot.evaluation.counts import SpottingCounts
from napari_mespot.evaluation.report import SpottingReport
from napari_mespot.model import Expression, ExpressionKind

__all__ = ["names_emotions", "recognition_f1", "spot_then_recognise"]


def names_emotions(report: SpottingReport) -> bool:
    """Whether a label and a prediction that hits one name an emotion."""
    hits = [hit for video in report.videos for hit in video.matching.hits]
    return any(_emotion(hit.reference) for hit in hits) and any(
        _emotion(hit.hypothesis) for hit in hits
    )


def recognition_f1(report: SpottingReport, kind: ExpressionKind | None = None) -> float:
    """Return the F1 of the emotion on the hits; 0 if no label names an emotion.

    The emotions are those that the labels name, found or not: one of which no label was hit
    has precision and recall 0. Hits whose label names none are left out. Names are compared
    without regard to case.

    Parameters
    ----------
    report
        The evaluation.
    kind
        Only labels of this kind; None: of both.
    """
    pairs = [
        (_emotion(hit.reference), _emotion(hit.hypothesis))
        for video in report.videos
        for hit in video.matching.hits
        if _emotion(hit.reference) and kind in {None, hit.reference.kind}
    ]
    emotions = sorted({_emotion(label) for label in _labels(report, kind)} - {""})
    if not emotions:
        return 0.0
    counts = [_counts_of(emotion, pairs) for emotion in emotions]
    precision = sum(c.precision for c in counts) / len(counts)
    recall = sum(c.recall for c in counts) / len(counts)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def spot_then_recognise(report: SpottingReport, kind: ExpressionKind | None = None) -> float:
    """Return the spot-then-recognise score, of one kind or overall."""
    counts = report.counts.overall if kind is None else report.counts.of_kind(kind)
    return counts.f1 * recognition_f1(report, kind)


def _labels(report: SpottingReport, kind: ExpressionKind | None) -> list[Expression]:
    labels = [
        label
        for video in report.videos
        for label in (*(h.reference for h in video.matching.hits), *video.matching.missed)
    ]
    return [label for label in labels if kind in {None, label.kind}]


def _emotion(expression: Expression) -> str:
    return expression.emotion.strip().casefold()


def _counts_of(emotion: str, pairs: Sequence[tuple[str, str]]) -> SpottingCounts:
    return SpottingCounts(
        tp=sum(label == emotion == said for label, said in pairs),
        fp=sum(label != emotion == said for label, said in pairs),
        fn=sum(label == emotion != said for label, said in pairs),
    )
