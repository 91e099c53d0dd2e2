"""What the labels of a data set amount to, kind by kind."""

from dataclasses import dataclass
from statistics import median

from napari_mespot.io.datasets.dataset import SpottingDataset, kth_frame
from napari_mespot.io.datasets.labels import DatasetLabels
from napari_mespot.model import ExpressionKind, merged

__all__ = ["KindSummary", "summary_of"]


@dataclass(frozen=True, slots=True)
class KindSummary:
    """Labels of one kind.

    Parameters
    ----------
    kind
        ME or MaE.
    n_labels
        In videos whose frames are there.
    n_positive, n_reviewed
        Frames inside a label, and frames that a person has looked at or labelled.
    shortest_s, median_s, longest_s
        Durations, both ends included; None without labels or frame rate.
    k
        Half the mean length in frames, of the labels as the sheet states them; None without
        labels, or with more than one frame rate.
    """

    kind: ExpressionKind
    n_labels: int
    n_positive: int
    n_reviewed: int
    shortest_s: float | None = None
    median_s: float | None = None
    longest_s: float | None = None
    k: int | None = None

    @property
    def share(self) -> float:
        """Part of the reviewed frames that lies inside a label; 0 if there are none."""
        return self.n_positive / self.n_reviewed if self.n_reviewed else 0.0


def summary_of(
    dataset: SpottingDataset, kind: ExpressionKind, sheet: DatasetLabels | None = None
) -> KindSummary:
    """Count labels and frames of one kind.

    Parameters
    ----------
    dataset
        The videos with frames.
    kind
        ME or MaE.
    sheet
        The labels as the sheet states them, for `k`: there no label is cut at the last frame
        that exists. Without it, `k` is that of the labels with frames.
    """
    n_positive = n_reviewed = 0
    seconds: list[float] = []
    for video in dataset.videos:
        annotation = video.annotation
        expressions = [e for e in annotation.of_kind(kind) if e.status.is_present]
        intervals = tuple(e.interval for e in expressions)
        n_positive += sum(i.n_frames for i in merged(intervals))
        n_reviewed += sum(i.n_frames for i in merged((*intervals, *annotation.reviewed)))
        if annotation.frame_rate is not None:
            seconds += [float(i.n_frames / annotation.frame_rate) for i in intervals]
    labels = dataset.expressions(kind)
    stated = labels if sheet is None else sheet.expressions(kind)
    k = kth_frame(stated) if stated and dataset.frame_rate is not None else None
    return KindSummary(
        kind,
        len(labels),
        n_positive,
        n_reviewed,
        shortest_s=min(seconds, default=None),
        median_s=median(seconds) if seconds else None,
        longest_s=max(seconds, default=None),
        k=k,
    )
