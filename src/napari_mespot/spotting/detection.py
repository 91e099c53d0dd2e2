"""From smoothed scores to expressions (paper, section 4.1, and our decisions beyond it).

The paper thresholds the scores and takes the runs as intervals. Here both tracks speak of one
thing, an expression, and its length says of which kind it is (decision 0110): hysteresis on
either track, cuts where the scores fall and rise again, measured shift of onset and offset, kind
by length. No frame that reaches a threshold is lost: what lasts long is kept, and what is too
short is handed out beside the expressions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_mespot.model import (
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.spotting.dips import find_dips
from napari_mespot.spotting.lengths import Lengths
from napari_mespot.spotting.params import DetectionParams, KindDetectionParams
from napari_mespot.spotting.runs import Runs, rows_in, runs_of

__all__ = ["Found", "find_expressions", "search_expressions"]

_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]
# Of a threshold by which scores are divided; one of 0 takes every frame.
_LEAST_THRESHOLD = 1e-6
# From the low threshold of ME up to its threshold, where a run is narrowed to an ME.
_NARROWING_STEPS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What the scores of a video hold.

    Parameters
    ----------
    expressions
        The expressions found, in order.
    too_short
        What reaches a threshold, but lasts shorter than ``min_duration_s``: never silently lost.
    """

    expressions: tuple[Expression, ...]
    too_short: tuple[Expression, ...] = ()


def find_expressions(
    signal: ScoreSignal, params: DetectionParams, *, source: str = ""
) -> tuple[Expression, ...]:
    """Find the expressions in smoothed scores; see :func:`search_expressions`."""
    return search_expressions(signal, params, source=source).expressions


def search_expressions(signal: ScoreSignal, params: DetectionParams, *, source: str = "") -> Found:
    """Find the expressions in smoothed scores, and what is left out because it is too short.

    A run starts where the score of a kind reaches its ``threshold`` and goes on, in both
    directions, as long as that of either kind stays at or above its ``low_threshold``. A frame
    without a score ends a run, and so does a break of the signal.

    A run is cut where the scores, each taken as a share of its threshold, fall by ``cut_depth``
    of the lower of the two peaks beside, unless that lasts no longer than ``merge_gap_s`` of a
    kind whose score goes on; what would last longer than an MaE is cut at such short dips too. A
    piece that does not reach a threshold by itself is none.

    What lasts up to ``max_duration_s`` of ME is an ME, all else an MaE. How long a high hump lasts
    depends on the level at which it is measured: where only ME reaches its threshold, the low
    threshold is raised until the run is an ME, as far as the threshold itself. What reaches the
    threshold of MaE only and is shorter than ``min_duration_s`` of MaE is no ME, but an MaE that is
    too short. An ME in the middle of an MaE more than twice as long is found where its own scores
    rise and fall while those of the MaE go on.

    A duration is the time for which the frames of an interval are shown: at a steady 30 fps, up
    to 0.5 s means at most 15 frames.

    Parameters
    ----------
    signal
        Smoothed scores.
    params
        Thresholds, and times in seconds, for each kind.
    source
        Name of what made the scores, for :attr:`~napari_mespot.model.Expression.source`.

    Returns
    -------
    Expressions with the status *predicted*. The apex of each is the first frame where the scores
    are highest beside their thresholds; its score is that of the kind which is so there.
    """
    found: list[Expression] = []
    too_short: list[Expression] = []
    for rows in signal.stretches:
        stretch = _Stretch(signal, rows, params)
        runs = stretch.expressions()
        is_micro = stretch.is_micro(runs) & ~stretch.is_brief_macro(runs)
        lasts = stretch.lasts(runs, is_micro)
        inside = stretch.inside(runs[lasts & ~is_micro])
        found += stretch.named(runs[lasts], is_micro[lasts], source)
        found += stretch.named(inside, np.ones(len(inside), np.bool_), source)
        too_short += stretch.named(runs[~lasts], is_micro[~lasts], source)
    found.sort(key=lambda e: e.sort_key)
    return Found(tuple(found), tuple(too_short))


class _Stretch:
    """The rows of a signal between two breaks."""

    def __init__(self, signal: ScoreSignal, rows: slice, params: DetectionParams) -> None:
        self.params, self.kinds = params, signal.kinds
        self.first_frame = signal.first_frame + rows.start
        self.lengths = Lengths(signal.clock, self.first_frame)
        self.rules = [params.of_kind(kind) for kind in signal.kinds]
        # A row of each array for each kind. Comparisons with NaN are False: a frame without a
        # score is neither high nor low.
        self.scores = np.ascontiguousarray(signal.values[rows].T)
        self.high = self.scores >= self._of_rules("threshold").astype(np.float32)
        self.low = self.scores >= self._of_rules("low_threshold").astype(np.float32)
        self.shares = self.scores / np.maximum(self._of_rules("threshold"), _LEAST_THRESHOLD)
        self.evidence = np.fmax.reduce(self.shares, axis=0)
        self.micro_seen = _any(self.high[[k is ExpressionKind.MICRO for k in self.kinds]])
        self.macro_seen = _any(self.high[[k is ExpressionKind.MACRO for k in self.kinds]])

    def expressions(self) -> Runs:
        """Return the runs of both tracks together, cut, narrowed and shifted."""
        pieces = self._pieces(slice(None), self.evidence)
        return self._shifted(self._narrowed(pieces), _any(self.high))

    def inside(self, macros: Runs) -> Runs:
        """Return the ME inside `macros`, found on the track of ME where that of MaE goes on."""
        both = (ExpressionKind.MICRO, ExpressionKind.MACRO)
        if not len(macros) or not set(both) <= set(self.kinds):
            return macros[np.zeros(len(macros), np.bool_)]
        me, mae = (self.kinds.index(kind) for kind in both)
        pieces = self._pieces(slice(me, me + 1), self.shares[me])
        runs = self._shifted(pieces, self.high[me])
        runs = runs[self.is_micro(runs)]
        runs = runs[self.lasts(runs, np.ones(len(runs), np.bool_))]
        runs = runs[~runs.holding(~self.low[mae])]
        home = macros.index_of(runs.start)
        start, stop = macros.start[home], macros.stop[home]
        n_rows = runs.stop - runs.start
        return runs[(home >= 0) & (runs.stop <= stop) & (2 * n_rows < stop - start)]

    def is_micro(self, runs: Runs) -> _Flags:
        """Whether each lasts no longer than an ME."""
        return self.lengths.at_most(runs.start, runs.stop, self.params.me.max_duration_s)

    def is_brief_macro(self, runs: Runs) -> _Flags:
        """Whether each reaches the threshold of MaE only, and is too short for that."""
        return ~runs.holding(self.micro_seen) & ~self._at_least(runs, self.params.mae)

    def lasts(self, runs: Runs, is_micro: _Flags) -> _Flags:
        """Whether each lasts as long as its kind must."""
        me, mae = (self._at_least(runs, rules) for rules in (self.params.me, self.params.mae))
        return np.where(is_micro, me, mae)

    def named(self, runs: Runs, is_micro: _Flags, source: str) -> Iterator[Expression]:
        """Yield the expression of each."""
        ends = list(zip(runs.start.tolist(), runs.stop.tolist(), strict=True))
        peaks = [start + int(self.evidence[start:stop].argmax()) for start, stop in ends]
        best = np.nan_to_num(self.shares[:, peaks], nan=-1.0).argmax(axis=0)
        scores = self.scores[best, peaks].tolist()
        first = self.first_frame
        for (start, stop), micro, peak, score in zip(ends, is_micro, peaks, scores, strict=True):
            yield Expression(
                interval=Interval(first + start, first + stop - 1),
                kind=ExpressionKind.MICRO if micro else ExpressionKind.MACRO,
                apex=first + peak,
                score=score,
                status=ReviewStatus.PREDICTED,
                source=source,
            )

    def _at_least(self, runs: Runs, rules: KindDetectionParams) -> _Flags:
        return self.lengths.at_least(runs.start, runs.stop, rules.min_duration_s)

    def _of_rules(self, name: str) -> NDArray[np.float64]:
        return np.array([[getattr(rules, name)] for rules in self.rules])

    def _pieces(self, chosen: slice, evidence: NDArray[np.float64]) -> Runs:
        """Return the runs of the tracks of some kinds, cut at dips."""
        high, low, rules = _any(self.high[chosen]), self.low[chosen], self.rules[chosen]
        strong = runs_of(_any(low))
        strong = strong[strong.holding(high)]
        held = low & rows_in(strong, len(high))
        scored = ~np.isnan(evidence)
        going = [self._bridged(h, r, scored) for h, r in zip(held, rules, strict=True)]
        whole = np.logical_or.reduce(going)
        dips = find_dips(evidence, whole)
        dips = dips[dips.depths >= self.params.cut_depth]
        is_short = np.zeros(len(dips.rows), np.bool_)
        for mask, rule in zip(going, rules, strict=True):
            is_short |= mask[dips.rows] & self.lengths.at_most(
                dips.start, dips.stop, rule.merge_gap_s
            )
        pieces = runs_of(whole).cut(dips.rows[~is_short])
        longest = self.params.mae.max_duration_s
        is_long = ~self.lengths.at_most(pieces.start, pieces.stop, longest)
        others = dips.rows[is_short]
        pieces = pieces.cut(others[is_long[pieces.index_of(others)]])
        pieces = pieces.trimmed(_any(held))
        return pieces[pieces.holding(high)]

    def _narrowed(self, runs: Runs) -> Runs:
        """Raise the low threshold of runs that ME alone reaches until they are ME, if they get so.

        No row that reaches the threshold is left out.
        """
        only_micro = runs.holding(self.micro_seen) & ~runs.holding(self.macro_seen)
        rows = np.flatnonzero(only_micro & ~self.is_micro(runs))
        if not len(rows):
            return runs
        start, stop = runs.start.copy(), runs.stop.copy()
        rules, scores = self.params.me, self.scores[self.kinds.index(ExpressionKind.MICRO)]
        levels = np.linspace(rules.low_threshold, rules.threshold, _NARROWING_STEPS + 1)[1:]
        for level in levels.astype(np.float32):
            narrow = Runs(start[rows], stop[rows]).trimmed(scores >= level)
            fits = self.is_micro(narrow)
            start[rows[fits]], stop[rows[fits]] = narrow.start[fits], narrow.stop[fits]
            rows = rows[~fits]
        return Runs(start, stop)

    def _bridged(self, held: _Flags, rules: KindDetectionParams, scored: _Flags) -> _Flags:
        """Close the gaps in a mask that are short and in which every row has a score."""
        runs = runs_of(held)
        if len(runs) < 2:
            return held
        gaps = runs.gaps
        short = self.lengths.at_most(gaps.start, gaps.stop, rules.merge_gap_s)
        runs = runs.joined(short & ~gaps.holding(~scored))
        return rows_in(runs, len(held))

    def _shifted(self, runs: Runs, high: _Flags) -> Runs:
        """Move onsets and offsets within the scored rows around.

        No end passes a row that reaches a threshold, and none goes into a neighbour: both then
        end in the middle.
        """
        me, mae = self.params.me, self.params.mae
        shifts = (me.onset_shift_s, me.offset_shift_s, mae.onset_shift_s, mae.offset_shift_s)
        if not len(runs) or not any(shifts):
            return runs
        is_micro, peaks = self.is_micro(runs), runs.trimmed(high)
        scored = runs_of(~np.isnan(self.evidence))
        home = scored.index_of(runs.start)
        onset = self._moved(runs.start, is_micro, me.onset_shift_s, mae.onset_shift_s)
        after = self._moved(runs.stop, is_micro, me.offset_shift_s, mae.offset_shift_s)
        start = np.clip(onset, scored.start[home], peaks.start)
        stop = np.clip(after, peaks.stop, scored.stop[home])
        middle = np.clip((stop[:-1] + start[1:]) // 2, runs.stop[:-1], runs.start[1:])
        clash = stop[:-1] > start[1:]
        stop[:-1][clash] = start[1:][clash] = middle[clash]
        return Runs(start, stop)

    def _moved(self, rows: _Ints, is_micro: _Flags, me_s: float, mae_s: float) -> _Ints:
        return np.where(is_micro, self.lengths.moved(rows, me_s), self.lengths.moved(rows, mae_s))


def _any(masks: _Flags) -> _Flags:
    """Whether each frame is True for any kind."""
    return np.asarray(masks.any(axis=0))
