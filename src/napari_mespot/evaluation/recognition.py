"""Spot, then recognise: the score of the later grand challenges (STRS).

STRS = F1 of spotting × F1 of the emotion, where the emotion is compared on the hits only
(Liong, See, Chan, "Spot-then-recognize", Signal Processing: Image Communication 110, 2023).
The emotion's F1 is the unweighted mean over the emotions that the hit labels carry.
"""

from napari_mespot.evaluation.counts import SpottingCounts
from napari_mespot.evaluation.report import SpottingReport
from napari_mespot.model import ExpressionKind

__all__ = ["recognition_f1", "spot_then_recognise"]


def recognition_f1(report: SpottingReport, kind: ExpressionKind | None = None) -> float:
    """Return the mean F1 over emotions among the hits; 0 if no hit label names an emotion.

    Hits whose label names no emotion are left out. Names are compared without regard to
    case.
    """
    pairs = [
        (hit.reference.emotion.strip().casefold(), hit.hypothesis.emotion.strip().casefold())
        for video in report.videos
        for hit in video.matching.hits
        if hit.reference.emotion.strip() and kind in {None, hit.reference.kind}
    ]
    emotions = sorted({label for label, _ in pairs})
    if not emotions:
        return 0.0
    return sum(_f1_of(emotion, pairs) for emotion in emotions) / len(emotions)


def spot_then_recognise(report: SpottingReport, kind: ExpressionKind | None = None) -> float:
    """Return the spot-then-recognise score, of one kind or overall."""
    counts = report.counts.overall if kind is None else report.counts.of_kind(kind)
    return counts.f1 * recognition_f1(report, kind)


def _f1_of(emotion: str, pairs: list[tuple[str, str]]) -> float:
    return SpottingCounts(
        tp=sum(label == emotion == said for label, said in pairs),
        fp=sum(label != emotion == said for label, said in pairs),
        fn=sum(label == emotion != said for label, said in pairs),
    ).f1
