"""Which interval a key means that acts at the playhead.

The selected one, if the playhead lies in it or near it: at most a second away, with no other
interval of its kind in between. Else the one under the playhead, which is said. Else none: an
edge that jumps to wherever the playhead happens to stand is a mistake that nobody sees.
"""

from dataclasses import dataclass

from napari_mespot.errors import EditError
from napari_mespot.gui.review import Item, Review
from napari_mespot.model import Interval, ReviewStatus

__all__ = ["NEAR_S", "Reach", "is_near", "reach"]

NEAR_S = 1
"""How far from an interval the playhead may be, in seconds."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The interval that is meant.

    Parameters
    ----------
    item
        The interval.
    remark
        Why it is not the selected one; empty if it is.
    """

    item: Item
    remark: str = ""


def reach(review: Review, selected: Item | None, frame: int) -> Reach:
    """Return the interval that is meant at a frame.

    Raises
    ------
    EditError
        If none is.
    """
    if selected is not None and is_near(review, selected, frame):
        return Reach(selected)
    here = [item for item in review.at(frame) if item.status is not ReviewStatus.REJECTED]
    if len(here) > 1 and selected is not None:
        here = [item for item in here if item.kind is selected.kind] or here
    if len(here) == 1:
        far = f"not near {selected.name}" if selected is not None else "nothing was selected"
        return Reach(here[0], f"frame {frame} is in {here[0].name}, {far}")
    if here:
        raise EditError(f"Frame {frame} lies in {len(here)} intervals: select one of them")
    if selected is None:
        raise EditError(
            "Nothing is selected: click an interval, press N for the next, or M to draw one"
        )
    raise EditError(
        f"Frame {frame} is not near {selected.name}: select an interval, or press M to draw one"
    )


def is_near(review: Review, item: Item, frame: int) -> bool:
    """Whether a frame lies in an interval or near it, with none of its kind in between."""
    if item.onset <= frame <= item.offset:
        return True
    edge, step = (item.onset, -1) if frame < item.onset else (item.offset, 1)
    away = Interval(*sorted((edge + step, frame)))
    if review.seconds(away) > NEAR_S:
        return False
    return not any(
        other.kind is item.kind
        and other.uid != item.uid
        and other.status is not ReviewStatus.REJECTED
        and other.expression.interval.overlap(away)
        for other in review.items
    )
