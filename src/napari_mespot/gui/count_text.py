"""How many intervals there are, in words. Free of Qt."""

from napari_mespot.gui.review import Review
from napari_mespot.model import ExpressionKind, ReviewStatus

__all__ = ["count_text"]


def count_text(review: Review) -> str:
    """Say how many intervals there are, e.g. ``"12 ME, 5 MaE (3 touched by you)"``.

    Rejected ones are touched, but do not count as ME or MaE.
    """
    present = [i.kind for i in review.items if i.status is not ReviewStatus.REJECTED]
    numbers = ", ".join(f"{present.count(kind)} {kind.value}" for kind in ExpressionKind)
    touched = sum(item.is_touched for item in review.items)
    rejected = len(review.items) - len(present)
    if not touched:
        return numbers
    return f"{numbers} ({touched} touched by you{f', {rejected} rejected' if rejected else ''})"
