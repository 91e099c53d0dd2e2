"""Intervals put into an ELAN file that somebody works on; every other node stays as it is."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.elan import TierRow, add_media, elan_properties, stated_video, tier_rows
from napari_mespot.io.elan_document import ElanDocument
from napari_mespot.io.elan_media import linked_names, linked_video
from napari_mespot.io.elan_tier_merge import TierMerge, TimeSlots
from napari_mespot.io.elan_tiers import named_tier
from napari_mespot.io.labels import clean
from napari_mespot.io.merging import GivingWay, beside
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Tier, lanes
from napari_mespot.io.times import clock_to_write
from napari_mespot.model import Annotation, same_video

__all__ = ["merged_elan"]

_OURS = "mespot:"
_LAST_ID = "lastUsedAnnotationId"
_NUMBERED = re.compile(r"a(\d{1,15})", re.ASCII)
_Key = tuple[Tier, bool]


def merged_elan(path: Path, data: bytes, annotation: Annotation, notice: Notice) -> bytes:
    """Return an ELAN file with the expressions of its video in place of those it held.

    Tiers, vocabularies, licences, types, linked media and the annotations of other tiers stay,
    also those that refer to intervals of ours: an interval keeps its identity where its times
    or its text change. A text that says the same in other words stays too.

    Parameters
    ----------
    path
        Of the file, for what is said of it.
    data
        What it holds.
    annotation
        Of the one video that it is about.
    notice
        Is told what stays beside.

    Raises
    ------
    OutputError
        If it is no ELAN file, is about another video or person, or an interval that others
        refer to is no longer there.
    """
    document = ElanDocument.parsed(path, data)
    return _Merge(path, document, annotation).content(notice)


class _Merge:
    """Merges one annotation into one document."""

    def __init__(self, path: Path, document: ElanDocument, annotation: Annotation) -> None:
        self._path, self._document, self._annotation = path, document, annotation
        self._root = document.root
        self._subject = clean(annotation.subject_id)
        try:
            stated = stated_video(path, self._root)
            self._video = linked_video(path, self._root, stated, lambda text: None)
        except (AnnotationFormatError, ValueError) as error:
            raise self._refusal(f"one that cannot be read ({error})") from None
        self._check_video()

    def content(self, notice: Notice) -> bytes:
        """Return the merged document."""
        clock = clock_to_write(self._annotation, "ELAN", in_milliseconds=True)
        going = GivingWay.to(self._annotation)
        ours = self._tiers(going)
        others = [t.get("TIER_ID", "") for t in self._root.iterfind("TIER") if t not in ours]
        rows: dict[_Key, TierRow] = {}
        for lane in beside(lanes(self._annotation), others):
            for row in tier_rows(lane, clock, self._video.origin_s):
                rows[row.tier, row.is_apex] = row
        self._check_times(rows.values())
        slots, merge = TimeSlots(self._root), TierMerge(self._path, self._root, self._last_number())
        for element, key in ours.items():
            own = rows.pop(key) if key in rows else None
            merge.update(element, own, slots)
            if own is None and self._is_idle(element, key):
                self._root.remove(element)
        for row in rows.values():
            merge.update(self._new_tier(row), row, slots)
        slots.settle()
        self._set_properties(merge.last_number)
        going.tell(self._path, notice)
        return self._document.content()

    def _tiers(self, going: GivingWay) -> dict[ET.Element, _Key]:
        """Return the tiers that give way, with what they are."""
        ours = {}
        for element in self._root.iterfind("TIER"):
            found = named_tier(element)
            if found is None:
                continue
            tier, is_apex, participant = found
            n = len(element.findall("ANNOTATION"))
            if participant in {"", self._subject} and going.includes(tier, n, is_apex=is_apex):
                ours[element] = (tier, is_apex)
        return ours

    def _check_video(self) -> None:
        name, wanted = self._video.name, self._annotation.video_id
        names = {name, *linked_names(self._root)}
        if name and not any(same_video(n, wanted) for n in names):
            raise self._refusal(f"one about {name!r}, not {wanted!r}")
        subject = self._video.subject
        if subject and self._subject and subject != self._subject:
            raise self._refusal(f"one about {subject!r}, not {self._subject!r}")

    def _check_times(self, rows: Iterable[TierRow]) -> None:
        if any(mark.start < 0 for row in rows for mark in row.marks):
            raise self._refusal("one whose time line begins after some of the intervals")

    def _refusal(self, what: str) -> OutputError:
        return OutputError(
            f"{self._path}: expected an ELAN file of this video to merge into, got {what}; write "
            "another file, or say --replace to start this one anew"
        )

    def _is_idle(self, element: ET.Element, key: _Key) -> bool:
        """Whether an empty tier is one that only this program needed."""
        tier, is_apex = key
        name = element.get("TIER_ID")
        is_parent = any(t.get("PARENT_REF") == name for t in self._root.iterfind("TIER"))
        is_empty = element.find("ANNOTATION") is None
        return is_empty and not is_parent and (is_apex or tier.is_model or tier.number > 1)

    def _new_tier(self, row: TierRow) -> ET.Element:
        facts = {"TIER_ID": row.name, "LINGUISTIC_TYPE_REF": self._type()}
        if row.tier.owner:
            facts["ANNOTATOR"] = row.tier.owner
        element = ET.Element("TIER", facts)
        element.tail = "\n    "
        self._insert(element, after=("TIER", "TIME_ORDER", "HEADER", "LICENSE"))
        return element

    def _type(self) -> str:
        """Return a type of tiers that stand alone and hold any text; made if there is none."""
        types = list(self._root.iterfind("LINGUISTIC_TYPE"))
        bound = ("CONSTRAINTS", "CONTROLLED_VOCABULARY_REF")
        for found in types:
            is_free = not any(found.get(name) for name in bound)
            if is_free and found.get("TIME_ALIGNABLE", "true") == "true":
                return found.get("LINGUISTIC_TYPE_ID", "")
        names = {found.get("LINGUISTIC_TYPE_ID") for found in types}
        name = next(n for n in ("default-lt", "mespot-lt", "mespot-lt-2") if n not in names)
        facts = {"TIME_ALIGNABLE": "true", "GRAPHIC_REFERENCES": "false"}
        made = ET.Element("LINGUISTIC_TYPE", {"LINGUISTIC_TYPE_ID": name, **facts})
        made.tail = "\n    "
        self._insert(made, after=("LINGUISTIC_TYPE", "TIER", "TIME_ORDER", "HEADER", "LICENSE"))
        return name

    def _insert(self, element: ET.Element, *, after: Sequence[str]) -> None:
        """Insert a child of the root behind the last of the first kind that is there."""
        for tag in after:
            places = [i for i, child in enumerate(self._root) if child.tag == tag]
            if places:
                self._root.insert(places[-1] + 1, element)
                return
        self._root.insert(0, element)

    def _last_number(self) -> int:
        """Return the highest number of an annotation that was ever used."""
        last = self._property(_LAST_ID)
        numbers = [int(last.text or 0)] if last is not None and _is_number(last.text) else [0]
        ids = (e.get("ANNOTATION_ID", "") for e in self._root.iter())
        numbers += [int(match[1]) for i in ids if (match := _NUMBERED.fullmatch(i))]
        return max(numbers)

    def _property(self, name: str) -> ET.Element | None:
        return next(
            (p for p in self._root.iterfind("HEADER/PROPERTY") if p.get("NAME") == name), None
        )

    def _set_properties(self, last_number: int) -> None:
        header = self._root.find("HEADER")
        if header is None:
            header = ET.Element("HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
            self._insert(header, after=("LICENSE",))
        if header.find("MEDIA_DESCRIPTOR") is None:
            add_media(header, self._path, self._annotation)
        self._set_property(header, _OURS + "digest", "")  # it is of more than one hand now
        for name, value in elan_properties(self._annotation).items():
            if value or self._annotation.n_frames is not None:
                self._set_property(header, _OURS + name, value)
        if self._property(_LAST_ID) is not None:
            self._set_property(header, _LAST_ID, str(last_number))

    def _set_property(self, header: ET.Element, name: str, value: str) -> None:
        found = self._property(name)
        if found is None and value:
            found = ET.SubElement(header, "PROPERTY", {"NAME": name})
            found.tail = "\n        "
        if found is not None and value:
            found.text = value
        elif found is not None:
            header.remove(found)


def _is_number(text: str | None) -> bool:
    return bool(text) and re.fullmatch(r"\d{1,15}", text or "", re.ASCII) is not None
