"""Which number in the names of a sequence counts its pictures.

A name may hold many: a subject, a size, a camera, a date, the total. The one that counts is
found by how the numbers differ from name to name, not by where they stand.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePath

from napari_mespot.errors import FrameReadError

__all__ = ["Name", "Order", "counting_order", "usual_step"]

_NUMBERS = re.compile(r"(\d+)")
#: Hour, minute and second after a date, or with separators between them.
_MOMENT = re.compile(
    r"((19|20)\d\d[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])[-_.T ]*(at[ _])?"
    r"([01]\d|2[0-3])[-_.:h ]?[0-5]\d[-_.:m ]?[0-5]\d)"
    r"|((?<!\d)([01]\d|2[0-3])([-_.:h ])[0-5]\d[-_.:m ][0-5]\d(?!\d))"
)
#: With at least this share of the numbers between the first and the last a column counts.
_DENSE = 0.5


@dataclass(frozen=True)
class Name:
    """The name of an image file, taken apart.

    Parameters
    ----------
    name
        The name.
    numbers
        All numbers in it, from left to right.
    texts
        What stands before, between and behind them, and the ending.
    """

    name: str
    numbers: tuple[int, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> "Name":
        """Take a name apart."""
        path = PurePath(name)
        parts = _NUMBERS.split(path.stem)
        numbers = tuple(int(part) for part in parts[1::2])
        return cls(name, numbers, (*parts[::2], path.suffix.lower()))


@dataclass(frozen=True)
class Order:
    """Names in order, each with its number; a plain count where they tell moments."""

    names: tuple[str, ...]
    numbers: tuple[int, ...]


#: From a name to one of its numbers.
_Column = Callable[[Name], int]


def counting_order(names: Sequence[Name]) -> Order | None:
    """Order names by the number that counts.

    Parameters
    ----------
    names
        At least one, each with a number.

    Returns
    -------
    Order or None
        None if no number tells all the names apart: they are several sequences.

    Raises
    ------
    FrameReadError
        Several numbers could count, and disagree.
    """
    alike = len({name.texts for name in names}) == 1
    columns = _columns(names, alike=alike)
    distinct = [column for column in columns if len({column(n) for n in names}) == len(names)]
    counters = [column for column in distinct if _is_counter(names, column)]
    if len({_places(names, column) for column in counters}) == 1:
        return _ordered(names, counters[0])
    if alike and all(_MOMENT.search(name.name) for name in names):
        return _by_moment(names)
    return _ordered(names, _agreed(names, distinct, alike=alike)) if distinct else None


def usual_step(numbers: Sequence[int]) -> int:
    """Return the step that most rising neighbours among the numbers keep; 1 if none rises."""
    steps = Counter(after - before for before, after in pairwise(numbers) if after > before)
    return max(steps, key=lambda step: (steps[step], -step), default=1)


def _by_moment(names: Sequence[Name]) -> Order | None:
    """Order by date and time, which their numbers are from left to right."""
    if len({name.numbers for name in names}) < len(names):
        return None
    ordered = sorted(names, key=lambda name: name.numbers)
    return Order(tuple(name.name for name in ordered), tuple(range(len(ordered))))


def _agreed(names: Sequence[Name], distinct: Sequence[_Column], *, alike: bool) -> _Column:
    """Choose the number whose order no other number gainsays, or the only one without many gaps."""
    orders = {_places(names, column) for column in distinct}
    densest = max(distinct, key=lambda column: _density(names, column))
    if alike:
        # From left to right, as parts and their pictures would be read.
        orders.add(_places(names, lambda name: name.numbers))
    dense = [column for column in distinct if _density(names, column) >= _DENSE]
    if len(orders) == 1 or (len(distinct) > 1 and len(dense) == 1):
        return densest
    ordered = sorted(name.name for name in names)
    raise FrameReadError(
        "Expected one number in the names of the images that counts them, but several do and "
        f"disagree ({ordered[0]}, {ordered[1]}, ...); rename the images so that one number "
        "counts, such as frame_0001.png."
    )


def _columns(names: Sequence[Name], *, alike: bool) -> list[_Column]:
    """Places of numbers that differ, counted from the left and, in unlike names, from the right."""
    n = min(len(name.numbers) for name in names)
    if len(names) == 1:
        return [_column(-1)]
    places = [*range(n)] if alike else [*range(n), *range(-1, -n - 1, -1)]
    columns = map(_column, places)
    return [column for column in columns if len({column(name) for name in names}) > 1]


def _column(place: int) -> _Column:
    return lambda name: name.numbers[place]


def _ordered(names: Sequence[Name], column: _Column) -> Order:
    ordered = sorted(names, key=lambda name: (column(name), name.name))
    return Order(tuple(name.name for name in ordered), tuple(map(column, ordered)))


def _places(names: Sequence[Name], key: Callable[[Name], int | tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted(range(len(names)), key=lambda place: key(names[place])))


def _is_counter(names: Sequence[Name], column: _Column) -> bool:
    values = [column(name) for name in names]
    return len(values) == max(values) - min(values) + 1


def _density(names: Sequence[Name], column: _Column) -> float:
    """Share of the numbers that are there, of those at the usual step."""
    values = sorted({column(name) for name in names})
    return len(values) / ((values[-1] - values[0]) / usual_step(values) + 1)
