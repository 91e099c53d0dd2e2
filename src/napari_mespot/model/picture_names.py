"""Names of the image files of one video: which of them belong to it, and in which order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from napari_mespot.errors import FrameReadError
from napari_mespot.model.name_numbers import Name, Order, counting_order

__all__ = ["IMAGE_ENDINGS", "PictureOrder", "picture_order"]

#: Endings of image files, in lower case.
IMAGE_ENDINGS = frozenset(
    {".bmp", ".jp2", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm"}
    | {".tif", ".tiff", ".webp"}
)
_SHOWN = 3


@dataclass(frozen=True)
class PictureOrder:
    """The images of a folder in order.

    Parameters
    ----------
    names
        The frames.
    numbers
        The number in each name that counts, not falling; a plain count where names carry none.
    left_out
        Images that are not part of the sequence.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    left_out: tuple[str, ...] = ()


def picture_order(names: Iterable[str]) -> PictureOrder:
    """Put the images of a folder in order by the number that counts (``img9`` before ``img10``).

    Names that differ in their texts too form one sequence if a number tells them all apart and
    what stands before the numbers is the same, or if no text is that of most. Otherwise the
    largest family of names is the sequence and the rest is left out.

    Parameters
    ----------
    names
        Of image files, at least one, in any order.

    Raises
    ------
    FrameReadError
        Several numbers could count and disagree, or no sequence is the largest.
    """
    taken = [Name.of(name) for name in sorted(names)]
    numbered = [name for name in taken if name.numbers]
    rest = tuple(name.name for name in taken if not name.numbers)
    if not numbered:
        return PictureOrder(rest, tuple(range(len(rest))))
    order = counting_order(numbered) if _belong_together(numbered) else None
    if order is None:
        order = _largest([o for family in _families(numbered) for o in _orders(family)])
    members = set(order.names)
    left_out = tuple(name.name for name in taken if name.name not in members)
    return PictureOrder(order.names, order.numbers, left_out)


def _belong_together(names: Sequence[Name]) -> bool:
    if len({name.texts[0].casefold() for name in names}) == 1:
        return True
    return 2 * max(map(len, _families(names))) <= len(names)


def _families(names: Sequence[Name]) -> list[list[Name]]:
    """Names of the same texts."""
    families: dict[tuple[str, ...], list[Name]] = defaultdict(list)
    for name in names:
        families[name.texts].append(name)
    return list(families.values())


def _orders(names: Sequence[Name]) -> list[Order]:
    """Sequences within names of the same texts, such as those of several cameras."""
    order = counting_order(names)
    if order is not None:
        return [order]
    n_numbers = len(names[0].numbers)
    variety = [len({name.numbers[place] for name in names}) for place in range(n_numbers)]
    # The number of most values counts; of equals the last.
    counts = max(range(n_numbers), key=lambda place: (variety[place], place))
    parts: dict[tuple[int, ...], list[Name]] = defaultdict(list)
    for name in names:
        others = tuple(n for place, n in enumerate(name.numbers) if place != counts)
        parts[others].append(name)
    return [_counted(part, counts) for part in parts.values()]


def _counted(names: Sequence[Name], place: int) -> Order:
    ordered = sorted(names, key=lambda name: (name.numbers[place], name.name))
    return Order(tuple(n.name for n in ordered), tuple(n.numbers[place] for n in ordered))


def _largest(orders: list[Order]) -> Order:
    orders.sort(key=lambda order: -len(order.names))
    if len(orders) > 1 and len(orders[0].names) == len(orders[1].names):
        equals = [order for order in orders if len(order.names) == len(orders[0].names)]
        listed = ", ".join(f"{order.names[0]} ..." for order in equals[:_SHOWN])
        raise FrameReadError(
            f"Expected one sequence of images, but {len(equals)} of the same length "
            f"({listed}) lie in one folder; give each a folder of its own."
        )
    return orders[0]
