"""The order in which candidates are gone through. Free of Qt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from napari_mespot.gui.review import Item

__all__ = ["Neighbour", "Rank", "neighbour"]

Rank = tuple[float, int, str]
"""Rank of an item (0 where time alone counts), its onset and its key."""
_START: Rank = (-1, 0, "")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Where to go on.

    Parameters
    ----------
    uid
        Key of the candidate; empty if none is left.
    remark
        What there is to know of it; empty for the plain next one.
    """

    uid: str
    remark: str = ""


def neighbour(
    waiting: Iterable[Item],
    selected: Item | None,
    frame: int,
    *,
    key: Callable[[Item], Rank] | None = None,
    forwards: bool = True,
) -> Neighbour:
    """Return the candidate after, or before, the selected item; behind the last comes the first.

    Parameters
    ----------
    waiting
        The candidates.
    selected, frame
        Where we are: at an item, or else at a frame.
    key
        Their order; by default that of time.
    """
    rank = key or _by_time
    ranks = sorted(rank(item) for item in waiting)
    start = _START if key else (0, frame, "")
    here = start if selected is None else rank(selected)
    if not ranks:
        return Neighbour("", "No candidate is left: all intervals are settled")
    if forwards:
        beyond = [place for place in ranks if place > here]
        uid = (beyond or ranks)[0][-1]
    else:
        beyond = [place for place in ranks if place < here]
        uid = (beyond or ranks)[-1][-1]
    if beyond:
        return Neighbour(uid)
    if ranks == [here]:
        return Neighbour(uid, "This is the only candidate left")
    end, other = ("last", "first") if forwards else ("first", "last")
    return Neighbour(uid, f"That was the {end} candidate: on from the {other}")


def _by_time(item: Item) -> Rank:
    return 0, item.onset, item.uid
