"""Obvious versions of what the spotting room computes."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np
import torch
from tests.reference.clips import slow_places
from tests.reference.network import plain_forward

from napari_mespot.clips import frame_skips
from napari_mespot.face import contrast_normalise
from napari_mespot.model import ScoreSignal
from napari_mespot.network import Checkpoint
from napari_mespot.spotting import DetectionParams, KindDetectionParams


def slow_scores(
    checkpoint: Checkpoint, images: np.ndarray, found: np.ndarray, frame_rate: Fraction
) -> np.ndarray:
    """Score each frame by itself from all images of the video."""
    scores = np.full((len(images), 2), np.nan)
    if not found.any():
        return scores
    first_face = int(np.flatnonzero(found)[0])
    sides = slow_places(checkpoint.clips.reference, checkpoint.clips.references_per_side)
    for frame in np.flatnonzero(found):
        clip = []
        for skip in frame_skips(checkpoint.clips, frame_rate):
            places = []
            for side in sides:
                other = min(max(frame + side * skip, first_face), len(images) - 1)
                while not found[other]:
                    other -= 1
                places.append(other)
            clip.append(contrast_normalise(images[places], checkpoint.contrast))
        with torch.no_grad():
            logits = plain_forward(checkpoint.network, torch.from_numpy(np.stack(clip))).numpy()
        scores[frame] = 1 / (1 + np.exp(-logits / checkpoint.temperature))
    return scores


def slow_search(
    signal: ScoreSignal, params: DetectionParams
) -> tuple[list[tuple[str, int, int, int]], list[tuple[str, int, int, int]]]:
    """Return (kind, onset, apex, offset) of what is found, and of what is too short, by walking."""
    found, short = [], []
    for rows in signal.stretches:
        first = signal.first_frame + rows.start
        walk = _Walk(signal, rows, params)
        runs = walk.shifted([walk.narrowed(run) for run in walk.pieces((0, 1))], (0, 1))
        for run in runs:
            (found if walk.lasts(run) else short).append(walk.named(run, first))
        kept = [run for run in runs if walk.lasts(run) and not walk.is_micro(run)]
        for run in walk.shifted(walk.pieces((0,)), (0,)):
            n = run[1] - run[0] + 1
            is_inside = any(a <= run[0] and run[1] <= b and 2 * n < b - a + 1 for a, b in kept)
            is_one = walk.is_micro(run) and walk.lasts(run) and walk.goes_on_beside(run)
            if is_inside and is_one:
                found.append(walk.named(run, first))
    return sorted(found, key=lambda e: (e[1], e[3], e[0] == "MaE")), short


class _Walk:
    """Rows without a break, looked at one by one; runs are pairs of first and last row."""

    def __init__(self, signal: ScoreSignal, rows: slice, params: DetectionParams) -> None:
        self.rules, self.cut_depth = (params.me, params.mae), params.cut_depth
        self.clock, self.first = signal.clock, signal.first_frame + rows.start
        self.scores = signal.values[rows]
        self.n = len(self.scores)

    def share(self, row: int, kinds: tuple[int, ...]) -> float:
        """The highest score beside its threshold; NaN without a score."""
        shares = [float(self.scores[row, k]) / max(self.rules[k].threshold, 1e-6) for k in kinds]
        known = [s for s in shares if not np.isnan(s)]
        return max(known) if known else float("nan")

    def is_low(self, row: int, k: int) -> bool:
        return bool(self.scores[row, k] >= np.float32(self.rules[k].low_threshold))

    def is_high(self, row: int, kinds: tuple[int, ...]) -> bool:
        return any(self.scores[row, k] >= np.float32(self.rules[k].threshold) for k in kinds)

    def seconds(self, first: int, last: int) -> Fraction:
        """How long rows are shown, both included."""
        return self.clock.second_of(self.first + last + 1) - self.clock.second_of(
            self.first + first
        )

    def at_most(self, first: int, last: int, seconds: float) -> bool:
        return float(self.seconds(first, last)) <= seconds + 1e-9

    def is_micro(self, run: tuple[int, int]) -> bool:
        return self.at_most(*run, self.rules[0].max_duration_s)

    def lasts(self, run: tuple[int, int]) -> bool:
        return self.at_least(run, self.rules[0 if self.is_named_micro(run) else 1])

    def at_least(self, run: tuple[int, int], rules: KindDetectionParams) -> bool:
        return float(self.seconds(*run)) >= rules.min_duration_s - 1e-9

    def is_named_micro(self, run: tuple[int, int]) -> bool:
        """Whether it is as short as an ME, and no MaE that is too short."""
        seen = any(self.is_high(row, (0,)) for row in range(run[0], run[1] + 1))
        return self.is_micro(run) and (seen or self.at_least(run, self.rules[1]))

    def narrowed(self, run: tuple[int, int]) -> tuple[int, int]:
        """A run that only ME reaches, from a higher low threshold on if it is an ME there."""
        rows = range(run[0], run[1] + 1)
        if self.is_micro(run) or any(self.is_high(row, (1,)) for row in rows):
            return run
        me = self.rules[0]
        for level in np.linspace(me.low_threshold, me.threshold, 9).astype(np.float32)[1:]:
            above = [row for row in rows if self.scores[row, 0] >= level]
            if self.is_micro((above[0], above[-1])):
                return above[0], above[-1]
        return run

    def goes_on_beside(self, run: tuple[int, int]) -> bool:
        return all(self.is_low(row, 1) for row in range(run[0], run[1] + 1))

    def named(self, run: tuple[int, int], first: int) -> tuple[str, int, int, int]:
        apex = max(range(run[0], run[1] + 1), key=lambda row: self.share(row, (0, 1)))
        kind = "ME" if self.is_named_micro(run) else "MaE"
        return kind, first + run[0], first + apex, first + run[1]

    def pieces(self, kinds: tuple[int, ...]) -> list[tuple[int, int]]:
        """Runs of the tracks of some kinds, cut at dips."""
        held = self._held(kinds)
        going = {k: self._bridged(held[k], self.rules[k].merge_gap_s, kinds) for k in kinds}
        out = []
        for a, b in _spans([any(going[k][r] for k in kinds) for r in range(self.n)]):
            firm, soft = [], []
            for row, first, last in self._deep_dips(a, b, kinds):
                short = any(
                    going[k][row] and self.at_most(first, last, self.rules[k].merge_gap_s)
                    for k in kinds
                )
                (soft if short else firm).append(row)
            for e, f in self._cut_twice((a, b), firm, soft):
                rows = [r for r in range(e, f + 1) if any(held[k][r] for k in kinds)]
                if any(self.is_high(r, kinds) for r in rows):
                    out.append((rows[0], rows[-1]))
        return out

    def _held(self, kinds: tuple[int, ...]) -> dict[int, list[bool]]:
        """For each kind the low rows of runs that reach a threshold."""
        held = {k: [False] * self.n for k in kinds}
        for a, b in _spans([any(self.is_low(r, k) for k in kinds) for r in range(self.n)]):
            if any(self.is_high(r, kinds) for r in range(a, b + 1)):
                for k in kinds:
                    held[k][a : b + 1] = [self.is_low(r, k) for r in range(a, b + 1)]
        return held

    def _cut_twice(
        self, run: tuple[int, int], firm: list[int], soft: list[int]
    ) -> Iterator[tuple[int, int]]:
        """Cut at every firm row, and where a piece is too long at soft ones too."""
        for a, b in _cut(*run, firm):
            fits = self.at_most(a, b, self.rules[1].max_duration_s)
            yield from _cut(a, b, [] if fits else [r for r in soft if a <= r <= b])

    def _bridged(self, held: list[bool], longest_s: float, kinds: tuple[int, ...]) -> list[bool]:
        out, spans = list(held), _spans(held)
        for (_, a), (b, _) in pairwise(spans):
            known = all(not np.isnan(self.share(r, kinds)) for r in range(a + 1, b))
            if known and self.at_most(a + 1, b - 1, longest_s):
                out[a + 1 : b] = [True] * (b - a - 1)
        return out

    def _deep_dips(self, a: int, b: int, kinds: tuple[int, ...]) -> list[tuple[int, int, int]]:
        """Row, first and last row below half depth, of each dip in a run that is deep enough."""
        values = [self.share(r, kinds) for r in range(a, b + 1)]
        out = []
        for row in _minima(values):
            v = values[row]
            left = right = row
            while left > 0 and values[left - 1] >= v:
                left -= 1
            while right < len(values) - 1 and values[right + 1] >= v:
                right += 1
            peak = min(max(values[left : row + 1]), max(values[row : right + 1]))
            first = last = row
            while values[first - 1] < v + (peak - v) * 0.5:
                first -= 1
            while values[last + 1] < v + (peak - v) * 0.5:
                last += 1
            if (peak - v) / ((peak - v) + v) >= self.cut_depth:
                out.append((a + row, a + first, a + last))
        return out

    def shifted(self, runs: list[tuple[int, int]], kinds: tuple[int, ...]) -> list[tuple[int, int]]:
        out: list[tuple[int, int]] = []
        for run in runs:
            rules = self.rules[0] if self.is_micro(run) else self.rules[1]
            peaks = [r for r in range(run[0], run[1] + 1) if self.is_high(r, kinds)]
            low, high = run
            while low > 0 and not np.isnan(self.share(low - 1, (0, 1))):
                low -= 1
            while high < self.n - 1 and not np.isnan(self.share(high + 1, (0, 1))):
                high += 1
            first = min(max(self._moved(run[0], rules.onset_shift_s), low), peaks[0])
            last = max(min(self._moved(run[1] + 1, rules.offset_shift_s) - 1, high), peaks[-1])
            out.append((first, last))
        for i in range(len(out) - 1):
            (a, b), (c, d) = out[i], out[i + 1]
            if b >= c:
                middle = min(max((b + 1 + c) // 2, runs[i][1] + 1), runs[i + 1][0])
                out[i], out[i + 1] = (a, middle - 1), (middle, d)
        return out

    def _moved(self, row: int, seconds: float) -> int:
        if not seconds or self.clock.is_even:
            return row + round(seconds * float(self.clock.rate))
        wanted = float(self.clock.second_of(self.first + row)) + seconds
        return int(self.clock.frames_at(np.array([wanted]))[0]) - self.first


def _spans(mask: list[bool]) -> list[tuple[int, int]]:
    """First and last row of each run of True."""
    out: list[tuple[int, int]] = []
    for row, value in enumerate(mask):
        if value and out and out[-1][1] == row - 1:
            out[-1] = (out[-1][0], row)
        elif value:
            out.append((row, row))
    return out


def _minima(values: list[float]) -> Iterator[int]:
    """The middle row of each stretch of equal values with higher ones on both sides."""
    i = 1
    while i < len(values) - 1:
        j = i
        while j < len(values) and values[j] == values[i]:
            j += 1
        if j < len(values) and values[i - 1] > values[i] < values[j]:
            yield (i + j - 1) // 2
        i = j


def _cut(first: int, last: int, rows: list[int]) -> list[tuple[int, int]]:
    """The pieces of a run when a new one begins at each of some rows."""
    edges = [first, *sorted(rows), last + 1]
    return [(a, b - 1) for a, b in pairwise(edges)]
