"""Put new predictions into a review without touching what a person has said."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace

from napari_mespot.gui.review import Item, Review, prediction_uid
from napari_mespot.model import Expression, ExpressionKind, Interval, merged
from napari_mespot.spotting.params import SpottingParams

__all__ = ["with_predictions", "without_settled"]


def with_predictions(
    review: Review, expressions: Iterable[Expression], rules: SpottingParams
) -> Review:
    """Return the review with `expressions` in the place of all untouched predictions.

    Parameters
    ----------
    review
        Its items that a person has touched stay exactly as they are.
    expressions
        New predictions. One that overlaps a touched item of its kind, where that item is now
        or where its original was, is left out: a person has settled that place. So is one of the
        other kind that claims about the same stretch.
    rules
        What the predictions were made with.
    """
    kept = [item for item in review.items if item.is_touched]
    settled = {kind: _Places(kept, kind) for kind in ExpressionKind}
    known = review.by_uid
    taken = {item.uid for item in kept}
    fresh = []
    for expression in expressions:
        own, interval = expression.kind, expression.interval
        if any(
            place.overlap(interval) if kind is own else place.claim(interval)
            for kind, place in settled.items()
        ):
            continue
        uid = prediction_uid(expression)
        old = known.get(uid)
        # The same object where nothing changed, so that views see at once what did.
        if old is not None and old.original == expression and not old.is_touched:
            fresh.append(old)
        elif uid not in taken:
            fresh.append(Item(uid, expression, expression))
    return replace(review, items=(*kept, *fresh), rules=rules)


def without_settled(review: Review, expressions: Iterable[Expression]) -> tuple[Expression, ...]:
    """Return the expressions of whose frames at most half have been looked at.

    A stretch of many seconds in which one expression was settled may well hold others.
    """

    def n_seen(interval: Interval) -> int:
        parts = (interval.intersection(seen) for seen in review.reviewed)
        return sum(part.n_frames for part in parts if part is not None)

    return tuple(e for e in expressions if 2 * n_seen(e.interval) <= e.interval.n_frames)


class _Places:
    """Disjoint stretches in which a person has settled one kind."""

    def __init__(self, items: Iterable[Item], kind: ExpressionKind) -> None:
        self._spans = spans = merged(place for i in items for k, place in i.places if k is kind)
        self._onsets = [span.onset for span in spans]
        self._offsets = [span.offset for span in spans]

    def overlap(self, interval: Interval) -> bool:
        """Whether any stretch shares a frame with `interval`."""
        last = bisect_right(self._onsets, interval.offset) - 1
        return last >= 0 and self._offsets[last] >= interval.onset

    def claim(self, interval: Interval) -> bool:
        """Whether any stretch is about the same as `interval`: an IoU of at least one half."""
        last = bisect_right(self._onsets, interval.offset)
        first = bisect_left(self._offsets, interval.onset)
        return any(self._spans[i].iou(interval) >= 0.5 for i in range(first, last))
