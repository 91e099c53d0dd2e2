"""What a person can do to a review: pure functions from a review to the next one.

Whatever settles an item (accepting, correcting, rejecting) also marks its frames as gone
through: a rejected prediction is a place that was looked at and found empty.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from napari_mespot.errors import EditError
from napari_mespot.gui.review import Item, Review, new_uid
from napari_mespot.model import Expression, ExpressionKind, Interval, ReviewStatus, sound_text

__all__ = [
    "accept_items",
    "add_interval",
    "annotate",
    "merge_items",
    "move_interval",
    "next_to_merge",
    "remove_items",
    "set_apex",
    "set_kind",
    "set_offset",
    "set_onset",
    "set_status",
    "split_item",
]

_ACCEPTED, _CORRECTED = ReviewStatus.ACCEPTED, ReviewStatus.CORRECTED
_LABELLED, _REJECTED = ReviewStatus.LABELLED, ReviewStatus.REJECTED
_ROUNDING_S = 1e-9
_NEAR_S = 0.2
"""Intervals no farther apart than this can be joined, whatever the rules."""


def add_interval(
    review: Review, interval: Interval, kind: ExpressionKind, *, coder: str = ""
) -> tuple[Review, str]:
    """Add an interval that a person drew; return the review and the key of the new item."""
    uid = new_uid(review.by_uid)
    expression = Expression(interval, kind, status=_LABELLED, source="manual", coder=coder)
    return _settled(review, Item(uid, expression)), uid


def move_interval(review: Review, uid: str, onset: int, offset: int) -> Review:
    """Give an item another interval, clipped to the video; the apex goes along if it must."""
    item = review.by_uid[uid]
    last = review.n_frames - 1
    first = min(max(onset, 0), last)
    interval = Interval(first, min(max(offset, first), last))
    if interval == item.expression.interval:
        return review
    apex = item.expression.apex
    if apex is not None:
        apex = min(max(apex, interval.onset), interval.offset)
    return _corrected(review, item, replace(item.expression, interval=interval, apex=apex))


def set_onset(review: Review, uid: str, frame: int) -> Review:
    """Let an item begin at a frame.

    Raises
    ------
    EditError
        If the frame lies behind the offset, or outside of the video.
    """
    item = review.by_uid[uid]
    _check_frame(review, frame)
    if frame > item.offset:
        raise EditError(
            f"Frame {frame} lies behind the offset of {item.name}: the onset stays; move the "
            "offset first"
        )
    return move_interval(review, uid, frame, item.offset)


def set_offset(review: Review, uid: str, frame: int) -> Review:
    """Let an item end at a frame.

    Raises
    ------
    EditError
        If the frame lies before the onset, or outside of the video.
    """
    item = review.by_uid[uid]
    _check_frame(review, frame)
    if frame < item.onset:
        raise EditError(
            f"Frame {frame} lies before the onset of {item.name}: the offset stays; move the "
            "onset first"
        )
    return move_interval(review, uid, item.onset, frame)


def set_apex(review: Review, uid: str, frame: int) -> Review:
    """Set the apex; a frame outside the interval extends the interval to it."""
    item = review.by_uid[uid]
    _check_frame(review, frame)
    hull = item.expression.interval.hull(Interval(frame, frame))
    return _corrected(review, item, replace(item.expression, interval=hull, apex=frame))


def set_kind(review: Review, uid: str, kind: ExpressionKind) -> Review:
    """Make an item an ME or MaE."""
    item = review.by_uid[uid]
    if item.kind is kind:
        return review
    return _corrected(review, item, replace(item.expression, kind=kind))


def accept_items(review: Review, uids: Iterable[str]) -> Review:
    """Accept many items at once; what :func:`set_status` does, in one pass."""
    accepted = []
    for uid in uids:
        item = review.by_uid[uid]
        status = _accepted_status(item.expression, item.original)
        accepted.append(replace(item, expression=replace(item.expression, status=status)))
    spans = [span for item in accepted for _, span in item.places]
    return review.with_items(*accepted).with_reviewed(*spans)


def set_status(review: Review, uids: Iterable[str], status: ReviewStatus) -> Review:
    """Accept, reject or mark items as uncertain.

    Accepting an item that differs from its prediction makes it *corrected*, one that a person
    drew *labelled*.
    """
    for uid in uids:
        item = review.by_uid[uid]
        wanted = _accepted_status(item.expression, item.original) if status is _ACCEPTED else status
        changed = replace(item, expression=replace(item.expression, status=wanted))
        review = _settled(review, changed) if changed.is_decided else review.with_items(changed)
    return review


def annotate(review: Review, uid: str, **texts: str) -> Review:
    """Set action units, emotion, coder or notes of an item (letter for letter).

    What is no letter at all, such as half of a character cut in two, becomes a replacement mark:
    here all typed text comes in, and no file could hold it.
    """
    item = review.by_uid[uid]
    fields: dict[str, Any] = {name: sound_text(text) for name, text in texts.items()}
    return review.with_items(replace(item, expression=replace(item.expression, **fields)))


def split_item(review: Review, uid: str, frame: int) -> tuple[Review, str]:
    """Split an item so that `frame` begins the second part; return the key of that part.

    Raises
    ------
    ValueError
        If `frame` is not inside the interval, behind its onset.
    """
    item = review.by_uid[uid]
    e = item.expression
    if not e.onset < frame <= e.offset:
        raise ValueError(f"Expected a frame from {e.onset + 1} to {e.offset}, got {frame}")
    first, second = Interval(e.onset, frame - 1), Interval(frame, e.offset)
    apex = e.apex
    head = replace(e, interval=first, apex=apex if apex is not None and apex in first else None)
    tail = replace(e, interval=second, apex=apex if apex is not None and apex in second else None)
    new = new_uid(review.by_uid)
    status = _LABELLED if item.original is None else _CORRECTED
    part = Item(new, replace(tail, status=status), item.original)
    return _settled(_corrected(review, item, head), part), new


def next_to_merge(review: Review, uid: str) -> Item:
    """Return the next item of the same kind that touches an item, or nearly so.

    Between the two lies at most the gap that the rules close in the scores, too.

    Raises
    ------
    EditError
        If there is none.
    """
    item = review.by_uid[uid]
    later = [
        other
        for other in review.items
        if other.kind is item.kind
        and other.uid != uid
        and other.place > item.place
        and other.status is not ReviewStatus.REJECTED
    ]
    if not later:
        raise EditError(f"No {item.kind.value} comes after {item.name}: nothing to merge it with")
    gap_s = max(review.rules.detection.of_kind(item.kind).merge_gap_s, _NEAR_S)
    n_apart = later[0].onset - item.offset - 1
    if n_apart > 0:
        apart_s = float(review.seconds(Interval(item.offset + 1, later[0].onset - 1)))
        if apart_s > gap_s + _ROUNDING_S:
            raise EditError(
                f"{later[0].name} begins {apart_s:.2f} s behind {item.name}, more than "
                f"{gap_s:g} s: move an edge first to join them"
            )
    return later[0]


def merge_items(review: Review, uids: Iterable[str]) -> Review:
    """Join items into the first of them, from the earliest onset to the latest offset."""
    items = sorted((review.by_uid[uid] for uid in uids), key=lambda i: i.onset)
    if len(items) < 2:
        return review
    first, hull = items[0], items[0].expression.interval
    for item in items[1:]:
        hull = hull.hull(item.expression.interval)
    best = max(items, key=lambda i: i.expression.score or 0.0)
    peaked = [i for i in items if i.expression.apex is not None]
    peak = max(peaked, key=lambda i: i.expression.score or 0.0, default=best)
    texts: dict[str, Any] = {
        name: "; ".join(dict.fromkeys(filter(None, (getattr(i.expression, name) for i in items))))
        for name in ("emotion", "notes")
    }
    texts["action_units"] = "+".join(
        dict.fromkeys(filter(None, (i.expression.action_units for i in items)))
    )
    changed = replace(
        first.expression,
        interval=hull,
        apex=peak.expression.apex,
        score=best.expression.score,
        **texts,
    )
    return _corrected(review.without(*(i.uid for i in items[1:])), first, changed)


def remove_items(review: Review, uids: Iterable[str]) -> Review:
    """Delete what a person drew; a prediction is rejected instead, so that it is kept."""
    for uid in uids:
        item = review.by_uid[uid]
        if item.original is None:
            review = review.without(uid)
        else:
            review = set_status(review, (uid,), _REJECTED)
    return review


def _check_frame(review: Review, frame: int) -> None:
    if not 0 <= frame < review.n_frames:
        raise EditError(
            f"Frame {frame} is not in this video: its frames are 0 to {review.n_frames - 1}"
        )


def _accepted_status(expression: Expression, original: Expression | None) -> ReviewStatus:
    """Return what accepting makes of an expression: its difference from the model says."""
    if original is None:
        return _LABELLED
    same = (expression.interval, expression.kind, expression.apex) == (
        original.interval,
        original.kind,
        original.apex,
    )
    return _ACCEPTED if same else _CORRECTED


def _corrected(review: Review, item: Item, changed: Expression) -> Review:
    """Put a changed expression into the review; changing it is a decision."""
    status = _LABELLED if item.original is None else _accepted_status(changed, item.original)
    return _settled(review, replace(item, expression=replace(changed, status=status)))


def _settled(review: Review, item: Item) -> Review:
    spans = [span for _, span in item.places]
    return review.with_items(item).with_reviewed(*spans)
