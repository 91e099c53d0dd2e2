"""Modifiers of BORIS events: the way in which action units are coded there.

``AU4,AU7|B`` are two sets of modifiers: of the first, two values were chosen, of the second
one. What is a code becomes the action units; all else is kept in the notes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from napari_mespot.io.labels import clean, is_facs_code, is_unit_number
from napari_mespot.model import Expression

__all__ = ["ReadModifiers", "read_modifiers", "with_modifiers"]

_NOTHING = frozenset({"", "none", "na"})
_GRADE = re.compile(r"[A-Ea-e]", re.ASCII)
_GRADED = re.compile(r"\d[A-Ea-e]\b", re.ASCII)
_UNITS = re.compile(r"(?i:\baus?\b|action ?units?|facs)")


@dataclass(frozen=True, slots=True)
class ReadModifiers:
    """What the modifiers of one event say.

    Parameters
    ----------
    action_units
        A code; empty if there is none.
    rest
        Everything else, as it was written.
    """

    action_units: str = ""
    rest: str = ""


def read_modifiers(text: str, names: Sequence[str] = ()) -> ReadModifiers:
    """Read the modifiers of an event.

    Parameters
    ----------
    text
        Sets apart by ``|``, values of a set by commas.
    names
        What the sets are called, where the file says so: in a set called ``AU`` bare numbers
        are action units.

    Examples
    --------
    >>> read_modifiers("AU4,AU7|B|left")
    ReadModifiers(action_units='AU4B+AU7B', rest='left')
    """
    sets = [_values(part) for part in clean(text).split("|")]
    titles = [*names, *[""] * len(sets)]
    is_unit = [
        [is_facs_code(v) or (_named_units(title) and is_unit_number(v)) for v in values]
        for title, values in zip(titles, sets, strict=False)
    ]
    grades = [
        i for i, values in enumerate(sets) if len(values) == 1 and _GRADE.fullmatch(values[0])
    ]
    numbers = [i for i, values in enumerate(sets) if values and all(map(is_unit_number, values))]
    if not any(map(any, is_unit)) and len(numbers) == len(grades) == 1:
        is_unit[numbers[0]] = [True] * len(sets[numbers[0]])
    units = [v for row, values in zip(is_unit, sets, strict=True) for v in _chosen(values, row)]
    rest = [_chosen(v, [not unit for unit in row]) for row, v in zip(is_unit, sets, strict=True)]
    # One grade for the event is that of each of its units, if these have none.
    if units and len(grades) == 1 and not any(_GRADED.search(unit) for unit in units):
        units = [unit + sets[grades[0]][0].upper() for unit in units]
        rest[grades[0]] = []
    return ReadModifiers("+".join(units), "|".join(",".join(values) for values in rest if values))


def with_modifiers(expression: Expression, read: ReadModifiers, notes: Iterable[str]) -> Expression:
    """Return an expression with its modifiers and with further notes."""
    units, rest = expression.action_units, read.rest
    if units and read.action_units and units != read.action_units:
        rest = "|".join(filter(None, (read.action_units, rest)))
    texts = [expression.notes, *notes, f"modifiers: {rest}" if rest else ""]
    return replace(
        expression,
        action_units=units or read.action_units,
        notes="; ".join(dict.fromkeys(filter(None, texts))),
    )


def _values(part: str) -> list[str]:
    """Return the values chosen of one set."""
    return [v.strip() for v in part.split(",") if v.strip().casefold() not in _NOTHING]


def _named_units(title: str) -> bool:
    return _UNITS.search(title) is not None


def _chosen(values: Sequence[str], flags: Sequence[bool]) -> list[str]:
    return [value for value, flag in zip(values, flags, strict=True) if flag]
