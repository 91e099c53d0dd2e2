"""Evaluation of many videos: what was found, per video, per subject, per kind, and overall."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from napari_mespot.evaluation.counts import KindCounts
from napari_mespot.evaluation.matching import Matching, match_expressions, shared_clock
from napari_mespot.evaluation.pairing import pair_videos
from napari_mespot.evaluation.rules import Rule, find_rule
from napari_mespot.evaluation.timing import TimingErrors
from napari_mespot.model import Annotation, Clock, ExpressionKind

__all__ = ["SpottingReport", "VideoResult", "evaluate"]


@dataclass(frozen=True, slots=True)
class VideoResult:
    """What was found in one video.

    Parameters
    ----------
    video_id, subject_id
        As the reference names them, or the hypothesis where there is no reference.
    frame_rate
        Frames per second; None if neither side knows it.
    matching
        Hits, misses and counts.
    """

    video_id: str
    subject_id: str
    frame_rate: Fraction | None
    matching: Matching
    times: Clock | None = None

    @property
    def clock(self) -> Clock | None:
        """When the frames are shown; None if not even the frame rate is known."""
        return self.times or (None if self.frame_rate is None else Clock(self.frame_rate))


@dataclass(frozen=True, slots=True)
class SpottingReport:
    """The evaluation of one run under one rule.

    Parameters
    ----------
    rule
        Name of the rule; figures under different rules cannot be compared.
    iou
        Intersection over union that a hit must reach.
    videos
        The results, one per video.
    """

    rule: str
    iou: float
    videos: tuple[VideoResult, ...]

    @property
    def counts(self) -> KindCounts:
        """Counts summed over videos."""
        return KindCounts.total(video.matching.counts for video in self.videos)

    def per_subject(self) -> dict[str, KindCounts]:
        """Return the counts of each subject, in order of name.

        A video without a subject is a subject of its own, under the name of the video.
        """
        counts: dict[str, KindCounts] = defaultdict(KindCounts)
        for video in self.videos:
            counts[video.subject_id or video.video_id] += video.matching.counts
        return dict(sorted(counts.items()))

    def timing(self, kind: ExpressionKind | None = None) -> TimingErrors:
        """Return how far onset, apex and offset of the hits lie from the labels.

        Parameters
        ----------
        kind
            Only labels of this kind; None: of both.
        """
        return TimingErrors.of(
            (hit.reference, hit.hypothesis, video.clock)
            for video in self.videos
            for hit in video.matching.hits
            if kind in {None, hit.reference.kind}
        )

    def as_dict(self) -> dict[str, object]:
        """Return rule, threshold and figures in the form that other programs read."""
        counts = self.counts
        return {
            "rule": self.rule,
            "iou": self.iou,
            "ME": counts.me.as_dict(),
            "MaE": counts.mae.as_dict(),
            "overall": counts.overall.as_dict(),
        }


def evaluate(
    references: Iterable[Annotation],
    hypotheses: Iterable[Annotation],
    rule: Rule | str = "strict",
    iou: float = 0.5,
) -> SpottingReport:
    """Compare predictions with labels, video by video.

    Every video counts. One without labels has none to find, and all its predictions are
    false; one without predictions misses all its labels.

    Parameters
    ----------
    references
        The labels, one annotation per video.
    hypotheses
        The predictions, one annotation per video.
    rule
        How hits are counted, see :mod:`napari_mespot.evaluation.rules`.
    iou
        Intersection over union that a hit must reach.

    Raises
    ------
    AnnotationFormatError
        If a video comes twice on one side, or its two sides are at different frame rates.
    ValueError
        If there is no such rule or `iou` does not lie in (0, 1].
    """
    rule = find_rule(rule) if isinstance(rule, str) else rule
    results = []
    for reference, hypothesis in pair_videos(tuple(references), tuple(hypotheses)):
        results.append(
            VideoResult(
                reference.video_id,
                reference.subject_id or hypothesis.subject_id,
                reference.frame_rate or hypothesis.frame_rate,
                match_expressions(reference, hypothesis, rule, iou),
                shared_clock(reference, hypothesis),
            )
        )
    return SpottingReport(rule.name, iou, tuple(results))
