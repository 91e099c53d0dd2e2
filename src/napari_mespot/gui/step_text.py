"""What a step did, in one line: which interval, from where to where."""

from napari_mespot.gui.documents import Change, change_between
from napari_mespot.gui.notice_line import NoticeLine
from napari_mespot.gui.review import Item, Review
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus

__all__ = ["place_of_change", "step_text"]

_FEW = 3


def step_text(label: str, old: Review, new: Review) -> NoticeLine:
    """Say what a step did; a warning if an interval has got a length that its kind cannot have.

    Parameters
    ----------
    label
        What was done, as :meth:`~napari_mespot.gui.session.Session.commit` was told.
    old, new
        The review before and after.

    Examples
    --------
    ``"set onset: ME 12–30 → ME 15–30"``
    """
    change = change_between(old, new)
    if change.rules is not None or change.scores is not None:
        return NoticeLine(f"{label}: {_count(old)} → {_count(new)}")
    names = _named(change, old)
    if not names:
        return NoticeLine(label)
    remark = _length_remark(change, old, new)
    return NoticeLine(f"{label}: {names}{remark}", "warning" if remark else "info")


def place_of_change(old: Review, new: Review) -> tuple[str, Interval] | None:
    """Return key and interval of what an edit changed; None if nothing, or many intervals.

    The key is empty where the interval is gone.
    """
    change = change_between(old, new)
    if change.rules is not None or change.scores is not None:
        return None
    if not 1 <= len(change.put) + len(change.drop) <= _FEW:
        return None
    if change.put:
        first = min(change.put, key=lambda item: item.place)
        return first.uid, first.expression.interval
    return "", old.by_uid[change.drop[0]].expression.interval


def _named(change: Change, old: Review) -> str:
    """Name the intervals of a change, if they are few."""
    n = len(change.put) + len(change.drop)
    if n > _FEW:
        return f"{n} intervals"
    if len(change.put) == 1 and len(change.drop) == 0 and change.put[0].uid in old.by_uid:
        return _difference(old.by_uid[change.put[0].uid], change.put[0])
    after = " and ".join(item.name for item in sorted(change.put, key=lambda i: i.place))
    before = " and ".join(old.by_uid[uid].name for uid in change.drop)
    if not after:
        return f"{before} is gone" if before else ""
    changed = [old.by_uid[i.uid].name for i in change.put if i.uid in old.by_uid]
    if before or len(changed) == 1:
        return f"{' and '.join([*changed, *filter(None, [before])])} → {after}"
    return after


def _difference(before: Item, after: Item) -> str:
    if before.name != after.name:
        return f"{before.name} → {after.name}"
    if before.expression.apex != after.expression.apex:
        apex = after.expression.apex
        return f"{after.name}, {'no apex' if apex is None else f'apex {apex}'}"
    return after.name


def _length_remark(change: Change, old: Review, new: Review) -> str:
    """Say of one interval that is new, or has another length or kind, that it cannot be so."""
    for item in change.put:
        before = old.by_uid.get(item.uid)
        is_same = before is not None and before.name == item.name
        remark = new.length_remark(item)
        if remark and not is_same and item.status is not ReviewStatus.REJECTED:
            return f" ({float(new.seconds(item.expression.interval)):.2f} s: {remark})"
    return ""


def _count(review: Review) -> str:
    kinds = [item.kind for item in review.items if item.status is not ReviewStatus.REJECTED]
    return ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in ExpressionKind)
