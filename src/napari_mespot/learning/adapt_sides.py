"""What is learned from and what is kept to judge by: one cut in time, and a gap around it."""

from collections.abc import Sequence
from dataclasses import dataclass

from napari_mespot.learning.adapt_params import AdaptParams
from napari_mespot.learning.adapt_stills import fewest_frames
from napari_mespot.learning.adapt_watch import WatchedPart
from napari_mespot.model import ExpressionKind, Interval

__all__ = ["Side", "divided", "sure_expressions"]

# An own expression that can be walked along counts as much as so many seconds of a still face.
_EXPRESSION_S = 1.0


@dataclass(frozen=True, slots=True)
class Side:
    """What of the watched parts is learned from, or kept to judge by.

    Parameters
    ----------
    stills
        Number of the part, and a still stretch of it.
    ranges
        Number of the part, and all frames of it that belong to this side.
    """

    stills: tuple[tuple[int, Interval], ...]
    ranges: tuple[tuple[int, Interval], ...]

    def stills_of(self, part: int) -> tuple[Interval, ...]:
        """Return the still stretches of one part."""
        return tuple(still for own, still in self.stills if own == part)


@dataclass(frozen=True, slots=True)
class _Item:
    """Something to learn from or to judge by, and how much it counts."""

    part: int
    interval: Interval
    seconds: float
    is_whole: bool


def sure_expressions(part: WatchedPart, params: AdaptParams) -> tuple[Interval, ...]:
    """Return the own MaE of a part that the old checkpoint is sure of."""
    return tuple(
        e.interval
        for e in part.found
        if e.kind is ExpressionKind.MACRO and (e.score or 0) >= params.sure_score
    )


def divided(parts: Sequence[WatchedPart], params: AdaptParams) -> tuple[Side, Side]:
    """Divide in time, by still stretches and own expressions; all that is kept lies later.

    Returns
    -------
    What is learned from and what is kept; either may be empty.
    """
    items = _items(parts, params)
    if not items:
        return Side((), ()), Side((), ())
    part, frame = _cut(items, params)
    before, after = [], []
    for i, own in enumerate(parts):
        n, gap = own.faces.n_frames, round(params.gap_s * float(own.frame_rate) / 2)
        stop = n if i < part else 0 if i > part else min(n, max(0, frame - gap))
        first = 0 if i > part else n if i < part else max(0, frame + gap)
        before += [(i, Interval(0, stop - 1))] if stop > 0 else []
        after += [(i, Interval(first, n - 1))] if first < n else []
    return _side(parts, before, params), _side(parts, after, params)


def _items(parts: Sequence[WatchedPart], params: AdaptParams) -> list[_Item]:
    out = []
    for i, part in enumerate(parts):
        rate = float(part.frame_rate)
        out += [_Item(i, s, s.n_frames / rate, is_whole=False) for s in part.stills]
        out += [_Item(i, e, _EXPRESSION_S, is_whole=True) for e in sure_expressions(part, params)]
    return sorted(out, key=lambda item: (item.part, item.interval.onset))


def _cut(items: Sequence[_Item], params: AdaptParams) -> tuple[int, int]:
    """Return part and frame of the cut."""
    wanted = (1 - params.kept_share) * sum(item.seconds for item in items)
    for item in items:
        if item.seconds > wanted:
            break
        wanted -= item.seconds
    onset, n = item.interval.onset, item.interval.n_frames
    # An expression is not cut, and the last one is kept.
    return item.part, onset if item.is_whole else onset + round(wanted / item.seconds * n)


def _side(
    parts: Sequence[WatchedPart], ranges: Sequence[tuple[int, Interval]], params: AdaptParams
) -> Side:
    stills = []
    for i, inside in ranges:
        fewest = fewest_frames(float(parts[i].frame_rate), params)
        found = (still.intersection(inside) for still in parts[i].stills)
        stills += [(i, s) for s in found if s is not None and s.n_frames >= fewest]
    return Side(tuple(stills), tuple(ranges))
