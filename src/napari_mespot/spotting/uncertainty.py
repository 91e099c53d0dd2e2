"""Where the scores of one video leave doubt: the places at which a look corrects most.

A smoothed score is turned into the chance that there is an expression: one half at the
threshold, which is where the two kinds of error balance, and more or less with the distance
from it in log-odds. A peak that was found is wrong with one minus that chance, one that was not
found is missed with that chance, and frames near the low threshold make an edge unclear. The
gain of a place is the number of corrections expected there (uncertainty sampling; Lewis and
Gale, SIGIR 1994). What a person has settled leaves no doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
    merged,
)
from napari_mespot.spotting.lengths import is_long
from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SpottingParams,
)
from napari_mespot.spotting.uncertainty_params import UncertaintyParams

__all__ = ["Doubt", "Reason", "find_doubts"]

_MOST_PEAKS = 400
# Two peaks of a kind nearer than this are one, in seconds.
_PEAK_DISTANCE_S = {ExpressionKind.MICRO: 0.3, ExpressionKind.MACRO: 1.0}
_TINY = 1e-6
_WORST_SHARE = 0.5  # of unclear frames: as much as there can be
_Floats = NDArray[np.float64]


class Reason(Enum):
    """Why a place is in doubt."""

    DOUBTFUL = "found, but not by much"
    WEAK = "not found, but not by much"
    LENGTH = "left out for its length"
    LONG = "lasts long, perhaps several"
    ONSET = "its beginning is unclear"
    OFFSET = "its end is unclear"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place that a person should look at.

    Parameters
    ----------
    interval
        Frames of the possible expression.
    frame
        Where to look first: its peak, or the unclear edge.
    kind
        ME or MaE.
    reason
        Why.
    score, threshold
        Height of the peak, and what it is measured against.
    gain
        Corrections expected here.
    found
        The prediction in doubt; None where there is none.
    """

    interval: Interval
    frame: int
    kind: ExpressionKind
    reason: Reason
    score: float
    threshold: float
    gain: float
    found: Expression | None = None

    @property
    def why(self) -> str:
        """The reason in plain words."""
        kind = self.kind.value
        if self.reason is Reason.ONSET:
            return f"{kind} whose beginning is unclear"
        if self.reason is Reason.OFFSET:
            return f"{kind} whose end is unclear"
        if self.reason is Reason.LONG:
            return f"{kind} that lasts long, perhaps several"
        score, threshold = _apart(self.score, self.threshold)
        if self.reason is Reason.LENGTH:
            return f"an {kind} left out for its length, {score} at threshold {threshold}"
        word, how = ("weak", "against") if self.reason is Reason.WEAK else ("doubtful", "at")
        return f"a {word} {kind}, {score} {how} threshold {threshold}"


def find_doubts(
    smoothed: ScoreSignal | None,
    annotation: Annotation,
    params: SpottingParams,
    uncertainty: UncertaintyParams | None = None,
) -> tuple[Doubt, ...]:
    """Find the places of a video at which a person's look is expected to correct something.

    Parameters
    ----------
    smoothed
        Smoothed scores; without them only predictions near their threshold are found.
    annotation
        Its *predicted* expressions are what was found; what a person has touched, and the
        reviewed ranges, are settled.
    params
        The thresholds that the predictions were made with.
    uncertainty
        What makes a place worth a look; by default :class:`UncertaintyParams`.

    Returns
    -------
    tuple of Doubt
        In order of time; none with less than ``min_gain``.
    """
    uncertainty = uncertainty or UncertaintyParams()
    doubts: list[Doubt] = []
    for kind in ExpressionKind:
        rules = params.detection.of_kind(kind)
        expressions = annotation.of_kind(kind)
        found = [e for e in expressions if e.status is ReviewStatus.PREDICTED]
        if smoothed is None or kind not in smoothed.kinds:
            doubts += _of_scores_alone(found, kind, rules, uncertainty)
            continue
        track = _Track(smoothed, kind, params.detection, uncertainty)
        long = [is_long(e, smoothed.clock, params.detection) for e in found]
        doubts += track.doubts_of_found(found, long)
        # What either kind was found in is explained, on whichever track it rises.
        taken = merged(e.interval for e in annotation.expressions)
        doubts += track.doubts_of_peaks(taken, annotation.reviewed)
    settled = _Settled(annotation)
    return tuple(
        sorted(
            (d for d in doubts if d.gain >= uncertainty.min_gain and not settled.holds(d)),
            key=lambda d: (d.interval, d.kind.value),
        )
    )


class _Settled:
    """Where a person has looked."""

    def __init__(self, annotation: Annotation) -> None:
        reviewed = annotation.reviewed
        self._onsets = np.array([r.onset for r in reviewed], np.int64)
        self._offsets = np.array([r.offset for r in reviewed], np.int64)

    def holds(self, doubt: Doubt) -> bool:
        """Whether the place of a doubt was seen."""
        last = int(np.searchsorted(self._onsets, doubt.frame, side="right")) - 1
        return last >= 0 and bool(self._offsets[last] >= doubt.frame)


class _Track:
    """The scores of one kind as log-odds, against its two thresholds."""

    def __init__(
        self,
        smoothed: ScoreSignal,
        kind: ExpressionKind,
        detection: DetectionParams,
        uncertainty: UncertaintyParams,
    ) -> None:
        self.kind, self.rules, self.uncertainty = kind, detection.of_kind(kind), uncertainty
        self.first, self.rate = smoothed.first_frame, float(smoothed.frame_rate)
        self.scores = np.nan_to_num(smoothed.of_kind(kind), nan=0.0)
        # What was found may rise on the track of the other kind: its scores on this one's scale.
        self.either = self.scores
        for other in set(smoothed.kinds) - {kind}:
            scores = np.nan_to_num(smoothed.of_kind(other), nan=0.0)
            scaled = _rescaled(scores, detection.of_kind(other).threshold, self.rules.threshold)
            self.either = np.maximum(self.either, scaled)

    def doubts_of_found(self, found: Sequence[Expression], long: Sequence[bool]) -> list[Doubt]:
        """Return a doubt for each prediction: that it is none, or that an edge is elsewhere."""
        if not found:
            return []
        first = np.array([e.onset for e in found]) - self.first
        last = np.array([e.offset for e in found]) - self.first
        n = len(self.scores)
        first, last = np.clip(first, 0, n - 1), np.clip(last, 0, n - 1)
        peaks = np.array([self.either[a : b + 1].max() for a, b in zip(first, last, strict=True)])
        chance = _peak_chance(peaks, self.rules.threshold, self.uncertainty)
        onset, offset = self._unclear_edges(first, last)
        edges = self.uncertainty.edge_weight * chance * (onset + offset)
        doubts = [
            self._of_found(*values)
            for values in zip(
                found,
                peaks.tolist(),
                (1 - chance).tolist(),
                edges.tolist(),
                (onset > offset).tolist(),
                strict=True,
            )
        ]
        return [self._long(d) if marked else d for d, marked in zip(doubts, long, strict=True)]

    def doubts_of_peaks(
        self, taken: Sequence[Interval], reviewed: Sequence[Interval]
    ) -> list[Doubt]:
        """Return a doubt for each peak outside what is taken or reviewed: it may be missed."""
        rows = self._peaks(taken, reviewed)
        scores = self.scores[rows].astype(np.float64)
        gains = _peak_chance(scores, self.rules.threshold, self.uncertainty)
        is_dropped = scores >= self.rules.threshold
        gains = np.where(is_dropped, gains * self.uncertainty.length_share, gains)
        best = np.argsort(-gains, kind="stable")[:_MOST_PEAKS]
        return [
            self._of_peak(int(rows[i]), float(gains[i]), dropped=bool(is_dropped[i]))
            for i in best.tolist()
        ]

    def _of_found(
        self, found: Expression, score: float, wrong: float, edge: float, is_onset: bool
    ) -> Doubt:
        reason, frame = Reason.DOUBTFUL, found.onset if found.apex is None else found.apex
        if edge > wrong:
            reason = Reason.ONSET if is_onset else Reason.OFFSET
            frame = found.onset if is_onset else found.offset
        return Doubt(
            found.interval,
            frame,
            self.kind,
            reason,
            score,
            self.rules.threshold,
            wrong + edge,
            found,
        )

    def _long(self, doubt: Doubt) -> Doubt:
        """Return the doubt whether one that lasts long is one, if it is the greater one."""
        gain = 1 - self.uncertainty.length_share
        return replace(doubt, reason=Reason.LONG, gain=gain) if gain > doubt.gain else doubt

    def _of_peak(self, row: int, gain: float, *, dropped: bool) -> Doubt:
        reason = Reason.LENGTH if dropped else Reason.WEAK
        interval = self._extent(row)
        score = float(self.scores[row])
        frame, threshold = self.first + row, self.rules.threshold
        return Doubt(interval, frame, self.kind, reason, score, threshold, gain)

    def _extent(self, row: int) -> Interval:
        """Return the frames around a peak with at least half its height, up to the longest."""
        reach = max(1, round(self.rules.max_duration_s * self.rate / 2))
        start = max(0, row - reach)
        near = self.scores[start : row + reach + 1] < self.scores[row] / 2
        low = np.flatnonzero(near) + start
        before, after = low[low < row], low[low > row]
        first = int(before[-1]) + 1 if before.size else start
        last = int(after[0]) - 1 if after.size else min(len(self.scores) - 1, row + reach)
        return Interval(self.first + first, self.first + last)

    def _peaks(self, taken: Sequence[Interval], reviewed: Sequence[Interval]) -> NDArray[np.int64]:
        """Return the rows of peaks that are high enough to count, outside `taken`."""
        floor = _lowest_score(self.rules.threshold, self.uncertainty)
        scores = self.scores.copy()
        for interval in (*taken, *reviewed):
            onset, stop = interval.onset - self.first, interval.offset + 1 - self.first
            scores[max(onset, 0) : max(stop, 0)] = -1
        reach = max(1, round(_PEAK_DISTANCE_S[self.kind] * self.rate / 2))
        highest = _sliding_max(scores, reach)
        is_peak = (scores == highest) & (scores >= floor)
        is_peak &= self.scores >= _sliding_max(self.scores, 1)  # no slope beside what is taken
        rows = np.flatnonzero(is_peak)
        return rows[np.diff(rows, prepend=-reach - 1) > reach]

    def _unclear_edges(
        self, first: NDArray[np.int64], last: NDArray[np.int64]
    ) -> tuple[_Floats, _Floats]:
        """Return, for onset and offset, the expected share of wrong frames, each up to 1."""
        chance = _chance(self.either, self.rules.low_threshold, self.uncertainty.spread)
        inside = np.concatenate([[0.0], np.cumsum(chance)])
        length = last - first + 1
        middle = (first + last + 1) // 2
        before = np.maximum(first - length // 2, 0)
        after = np.minimum(last + 1 + length // 2, len(self.either))
        onset = inside[first] - inside[before] + (middle - first) - (inside[middle] - inside[first])
        end = last + 1
        offset = inside[after] - inside[end] + (end - middle) - (inside[end] - inside[middle])
        worst = _WORST_SHARE * length
        return np.minimum(onset / worst, 1.0), np.minimum(offset / worst, 1.0)


def _of_scores_alone(
    found: Iterable[Expression],
    kind: ExpressionKind,
    rules: KindDetectionParams,
    uncertainty: UncertaintyParams,
) -> list[Doubt]:
    """Return doubts of predictions whose video has no score tracks."""
    doubts = []
    for e in found:
        if e.score is not None:
            wrong = 1 - float(_peak_chance(np.array(e.score), rules.threshold, uncertainty))
            frame = e.onset if e.apex is None else e.apex
            where = (e.interval, frame, kind, Reason.DOUBTFUL)
            doubts.append(Doubt(*where, e.score, rules.threshold, wrong, e))
    return doubts


def _peak_chance(
    scores: NDArray[np.floating], threshold: float, uncertainty: UncertaintyParams
) -> _Floats:
    """Return the chance that a peak is an expression."""
    shift = float(_log_odds(np.array(uncertainty.chance_at_threshold)))
    return _chance(scores, threshold, uncertainty.spread, shift)


def _chance(
    scores: NDArray[np.floating], threshold: float, spread: float, shift: float = 0.0
) -> _Floats:
    """Return a chance that rises with the distance from the threshold in log-odds."""
    distance = (_log_odds(scores) - _log_odds(np.array(threshold))) / spread + shift
    out: _Floats = 1 / (1 + np.exp(-np.clip(distance, -50, 50)))
    return out


def _rescaled(scores: NDArray[np.float32], own: float, wanted: float) -> NDArray[np.float32]:
    """Return scores that stand to a threshold as those given stand to their own, in log-odds."""
    if own == wanted:
        return scores
    odds = _log_odds(scores) + float(_log_odds(np.array(wanted)) - _log_odds(np.array(own)))
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def _lowest_score(threshold: float, uncertainty: UncertaintyParams) -> float:
    """Return the score of a peak that is just worth a look; the inverse of the chance."""
    wanted, at = _log_odds(np.array([uncertainty.min_gain, uncertainty.chance_at_threshold]))
    odds = float(_log_odds(np.array(threshold)) + uncertainty.spread * (wanted - at))
    return float(1 / (1 + np.exp(-odds)))


def _log_odds(scores: NDArray[np.floating]) -> _Floats:
    p = np.clip(np.asarray(scores, dtype=np.float64), _TINY, 1 - _TINY)
    out: _Floats = np.log(p / (1 - p))
    return out


def _sliding_max(values: NDArray[np.float32], reach: int) -> NDArray[np.float32]:
    """Return the highest value within `reach` rows of each row, in log(reach) passes."""
    width = 2 * reach + 1
    out = np.pad(values, reach, constant_values=-1)
    done = 1
    while done < width:
        step = min(done, width - done)
        out = np.maximum(out[:-step], out[step:])
        done += step
    return out


def _apart(score: float, threshold: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to tell them apart, two to four."""
    for digits in (2, 3, 4):
        texts = f"{score:.{digits}f}", f"{threshold:.{digits}f}"
        if texts[0] != texts[1]:
            break
    return texts
