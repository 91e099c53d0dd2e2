"""The intervals of one tier of an ELAN file replaced, with care for what refers to them."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from napari_mespot.errors import OutputError
from napari_mespot.io.elan import Mark, TierRow
from napari_mespot.io.labels import clean, with_label
from napari_mespot.io.tiers import Tier
from napari_mespot.model import Expression, Interval

__all__ = ["TierMerge", "TimeSlots"]

_SLOT = re.compile(r"ts(\d{1,15})", re.ASCII)
_REFS = ("TIME_SLOT_REF1", "TIME_SLOT_REF2")


class TimeSlots:
    """The slots of a document: new ones in order of time, those that nobody needs removed."""

    def __init__(self, root: ET.Element) -> None:
        self._root = root
        order = root.find("TIME_ORDER")
        if order is None:
            order = ET.Element("TIME_ORDER")
            tags = [child.tag for child in root]
            root.insert(tags.index("HEADER") + 1 if "HEADER" in tags else 0, order)
        self._order = order
        self._values = {s.get("TIME_SLOT_ID", ""): s.get("TIME_VALUE") for s in order}
        numbers = [int(m[1]) for name in self._values if (m := _SLOT.fullmatch(name))]
        self._last = max(numbers, default=0)
        self._new: list[tuple[int, str]] = []
        self._freed: set[str] = set()

    def time(self, name: str) -> int | None:
        """Return the time of a slot in milliseconds; None if it has none."""
        value = self._values.get(name) or ""
        return int(value) if re.fullmatch(r"\d{1,15}", value, re.ASCII) else None

    def add(self, time: int) -> str:
        """Make a slot and return its name."""
        self._last += 1
        name = f"ts{self._last}"
        self._new.append((time, name))
        return name

    def free(self, name: str) -> None:
        """Say that one that referred to a slot does no longer."""
        self._freed.add(name)

    def settle(self) -> None:
        """Put the new slots into their places and remove those that nothing refers to."""
        used = {e.get(ref) for e in self._root.iter("ALIGNABLE_ANNOTATION") for ref in _REFS}
        waiting = sorted(self._new, reverse=True)
        settled: list[ET.Element] = []
        for slot in list(self._order):
            time = self.time(slot.get("TIME_SLOT_ID", ""))
            while waiting and time is not None and waiting[-1][0] < time:
                settled.append(_slot(*waiting.pop()))
            if slot.get("TIME_SLOT_ID") not in self._freed - used:
                settled.append(slot)
        settled += [_slot(*new) for new in reversed(waiting)]
        self._order[:] = settled


def _slot(time: int, name: str) -> ET.Element:
    slot = ET.Element("TIME_SLOT", {"TIME_SLOT_ID": name, "TIME_VALUE": str(time)})
    slot.tail = "\n        "
    return slot


@dataclass(frozen=True, slots=True)
class _Old:
    """An interval of the document."""

    holder: ET.Element
    aligned: ET.Element
    start: int
    stop: int

    @property
    def name(self) -> str:
        return self.aligned.get("ANNOTATION_ID", "")

    def overlap(self, mark: Mark) -> int:
        """Return for how many milliseconds it lies where an interval of ours does."""
        return min(self.stop, mark.stop) - max(self.start, mark.start)


class TierMerge:
    """Replaces the intervals of tiers of one document.

    Parameters
    ----------
    path
        Of the file, for what is said of it.
    root
        The document.
    last_number
        Number of the annotation that was made last.
    """

    def __init__(self, path: Path, root: ET.Element, last_number: int) -> None:
        self.last_number = last_number
        self._path, self._root = path, root
        self._referred = Counter(
            word
            for element in root.iter()
            for key, value in element.attrib.items()
            if key not in {"ANNOTATION_ID", *_REFS}
            for word in value.split()
        )

    def update(self, tier: ET.Element, row: TierRow | None, slots: TimeSlots) -> None:
        """Let a tier hold the intervals of a row; none if there is no row.

        Raises
        ------
        OutputError
            If the tier cannot hold intervals, or one that others refer to would go.
        """
        if tier.find("ANNOTATION/REF_ANNOTATION") is not None and (row and row.marks):
            raise self._refusal(tier, "whose annotations have no times of their own")
        old = self._old(tier, slots)
        pairs, gone, new = _matched(old, row.marks if row else ())
        for known in gone:
            self._check_free(tier, known, None, slots)
            tier.remove(known.holder)
            self._free(known, slots)
        for known, mark in pairs:
            if (known.start, known.stop) != (mark.start, mark.stop):
                self._check_free(tier, known, mark, slots)
                self._free(known, slots)
                self._set_times(known.aligned, mark, slots)
            if row is not None:
                _set_text(known.aligned, mark, row)
        for mark in new:
            self.last_number += 1
            holder = ET.SubElement(tier, "ANNOTATION")
            holder.tail = "\n        "
            name = {"ANNOTATION_ID": f"a{self.last_number}"}
            aligned = ET.SubElement(holder, "ALIGNABLE_ANNOTATION", name)
            self._set_times(aligned, mark, slots)
            ET.SubElement(aligned, "ANNOTATION_VALUE").text = mark.text

    def _old(self, tier: ET.Element, slots: TimeSlots) -> list[_Old]:
        """Return the intervals of a tier that have times; others are not ours to judge."""
        old = []
        for holder in tier.iterfind("ANNOTATION"):
            aligned = holder.find("ALIGNABLE_ANNOTATION")
            if aligned is not None:
                start, stop = (slots.time(aligned.get(ref, "")) for ref in _REFS)
                if start is not None and stop is not None:
                    old.append(_Old(holder, aligned, start, stop))
        return old

    def _set_times(self, aligned: ET.Element, mark: Mark, slots: TimeSlots) -> None:
        for ref, time in zip(_REFS, (mark.start, mark.stop), strict=True):
            aligned.set(ref, slots.add(time))

    def _free(self, known: _Old, slots: TimeSlots) -> None:
        for ref in _REFS:
            slots.free(known.aligned.get(ref, ""))

    def _check_free(
        self, tier: ET.Element, known: _Old, mark: Mark | None, slots: TimeSlots
    ) -> None:
        """See that no annotation loses what it refers to or lies in."""
        if mark is None and self._referred[known.name]:
            raise self._refusal(tier, "to whose intervals others refer that are no longer there")
        for child, constraint in self._children(tier.get("TIER_ID", "")):
            for inner in self._old(child, slots):
                if not known.start <= inner.start < known.stop:
                    continue
                fits = mark and mark.start <= inner.start and inner.stop <= mark.stop
                if not fits or constraint == "Time_Subdivision":
                    raise self._refusal(
                        tier, f"whose intervals hold those of {child.get('TIER_ID')}"
                    )

    def _children(self, name: str) -> list[tuple[ET.Element, str]]:
        """Return the tiers below a tier, and what binds each to it."""
        bound = {
            t.get("LINGUISTIC_TYPE_ID", ""): t.get("CONSTRAINTS", "")
            for t in self._root.iterfind("LINGUISTIC_TYPE")
        }
        found, names = [], {name}
        for _ in range(100):  # tiers may stand before their parents
            below = [t for t in self._root.iterfind("TIER") if t.get("PARENT_REF") in names]
            below = [t for t in below if t not in found]
            if not below:
                break
            found += below
            names |= {t.get("TIER_ID", "") for t in below}
        return [(t, bound.get(t.get("LINGUISTIC_TYPE_REF", ""), "")) for t in found]

    def _refusal(self, tier: ET.Element, what: str) -> OutputError:
        name = clean(tier.get("TIER_ID", ""))
        return OutputError(
            f"{self._path}: expected tiers that can be merged into, got {name} {what}; remove "
            "those in ELAN, write another file, or say --replace to start this one anew"
        )


_Matched = tuple[list[tuple[_Old, Mark]], list[_Old], list[Mark]]


def _matched(old: Sequence[_Old], marks: Sequence[Mark]) -> _Matched:
    """Put intervals together with those that were there: of the same place, then of the nearest.

    Returns the pairs, the old ones that nothing takes the place of, and the new ones.
    """
    pairs: list[tuple[_Old, Mark]] = []
    rest: list[Mark] = []
    by_place: dict[tuple[int, int], list[_Old]] = {}
    for known in old:
        by_place.setdefault((known.start, known.stop), []).append(known)
    for mark in marks:
        alike = by_place.get((mark.start, mark.stop))
        if alike:
            pairs.append((alike.pop(0), mark))
        else:
            rest.append(mark)
    free = sorted((o for alike in by_place.values() for o in alike), key=lambda o: o.start)
    moved = _moved(free, rest)
    pairs += [(free[i], rest[j]) for i, j in moved.items()]
    gone = [known for i, known in enumerate(free) if i not in moved]
    used = set(moved.values())
    return pairs, gone, [mark for j, mark in enumerate(rest) if j not in used]


def _moved(old: Sequence[_Old], marks: Sequence[Mark]) -> dict[int, int]:
    """Return which old interval became which new one: those that overlap most come first.

    Both are in order; the intervals of a tier do not overlap.
    """
    near, first = [], 0
    for i, known in enumerate(old):
        while first < len(marks) and marks[first].stop <= known.start:
            first += 1
        beyond = takewhile(lambda j: marks[j].start < known.stop, range(first, len(marks)))  # noqa: B023
        near += [(-known.overlap(marks[j]), i, j) for j in beyond]
    moved: dict[int, int] = {}
    used: set[int] = set()
    for _, i, j in sorted(near):
        if i not in moved and j not in used:
            moved[i] = j
            used.add(j)
    return moved


def _set_text(aligned: ET.Element, mark: Mark, row: TierRow) -> None:
    """Put a text on an interval, unless the text there says the same."""
    value = aligned.find("ANNOTATION_VALUE")
    if value is None:
        value = ET.SubElement(aligned, "ANNOTATION_VALUE")
    old = value.text or ""
    if row.is_apex or old == mark.text or _meant(row.tier, old) == _meant(row.tier, mark.text):
        return
    value.text = mark.text
    aligned.attrib.pop("CVE_REF", None)


def _meant(tier: Tier, text: str) -> Expression | None:
    if tier.kind is None:
        return None
    return with_label(tier.expression(Interval(0, 0), tier.kind), text)
