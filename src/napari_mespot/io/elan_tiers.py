"""The tiers of an ELAN file that hold expressions: whose they are, and what they hold.

ELAN keeps who is seen (PARTICIPANT) apart from who coded (ANNOTATOR). Many corpora name a tier
``ME@P1`` after the participant; ours after the coder, who is then the annotator too.
"""

import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.io.assembling import check_tiers, say_gaps
from napari_mespot.io.elan_media import LinkedVideo
from napari_mespot.io.labels import clean, is_gap
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Tier, TierReader, parse_tier
from napari_mespot.io.times import MILLISECOND, FrameClock

__all__ = ["named_tier", "read_tiers"]


@dataclass(frozen=True, slots=True)
class _Mark:
    """An interval of a tier; its ends are None if it has no times."""

    start: Fraction | None
    stop: Fraction | None
    text: str


@dataclass
class _Tiers:
    """Reads the tiers of one file."""

    path: Path
    clock: FrameClock
    subject: str
    of_subject: dict[str, TierReader] = field(default_factory=lambda: defaultdict(TierReader))
    names: TierReader = field(default_factory=TierReader)
    n_unaligned: int = 0
    gaps: Counter[str] = field(default_factory=Counter)
    participants: dict[str, str] = field(default_factory=dict)

    def read(self, elements: list[tuple[ET.Element, list[_Mark]]]) -> None:
        """Read all tiers; raise KeyError or ValueError if one is broken."""
        named = [(e, marks, self._named(e)) for e, marks in elements]
        if not self.names.n_tiers:
            named = [(e, marks, self._of_kinds(e, marks)) for e, marks in elements]
            if sum(found is not None for *_, found in named) > 1:
                named = [(e, marks, _named_apart(e, found)) for e, marks, found in named]
        for element, marks, found in named:
            if found is not None:
                self._take(element, marks, *found)

    def give_notice(self, notice: Notice) -> None:
        """Say what was left out or guessed."""
        check_tiers(self.path, self.names, "tiers", notice)
        say_gaps(self.path, self.gaps, notice)
        if self.n_unaligned:
            notice(f"{self.path}: intervals left out, as they have no times: {self.n_unaligned}")
        if self.participants:
            read = ", ".join(f"{name} of {who}" for name, who in self.participants.items())
            notice(f"{self.path}: tiers taken for those of a participant, not of a coder: {read}")

    def _named(self, element: ET.Element) -> tuple[Tier, bool, str] | None:
        """Return a tier by its name, whether it holds apexes, and who is seen."""
        name = element.attrib["TIER_ID"]
        self.names.tier(name, clean(element.get("ANNOTATOR", "")))
        found = named_tier(element)
        if found is not None and found[2] != clean(element.get("PARTICIPANT", "")):
            self.participants[clean(name)] = found[2]
        return found

    def _of_kinds(self, element: ET.Element, marks: list[_Mark]) -> tuple[Tier, bool, str] | None:
        """Return a tier whose texts are kinds."""
        texts = [m.text for m in marks if not _says_nothing(m.text)]
        annotator, name = element.get("ANNOTATOR", ""), element.attrib["TIER_ID"]
        tier = self.names.tier_of_kinds(name, annotator, texts) if texts else None
        if tier is None:
            return None
        return tier, False, clean(element.get("PARTICIPANT", ""))

    def _take(
        self, element: ET.Element, marks: list[_Mark], tier: Tier, is_apex: bool, subject: str
    ) -> None:
        self.n_unaligned += len(element.findall("ANNOTATION/REF_ANNOTATION"))
        reader = self.of_subject[subject or self.subject]
        for mark in marks:
            if mark.start is None or mark.stop is None:
                self.n_unaligned += 1
            elif not is_apex and _says_nothing(mark.text):
                self.gaps[clean(mark.text)] += 1
            else:
                interval = self.clock.interval(mark.start, mark.stop)
                if is_apex:
                    reader.add_apex(tier, interval.onset if interval else None)
                else:
                    reader.add(tier, interval, mark.text)


def named_tier(element: ET.Element) -> tuple[Tier, bool, str] | None:
    """Return the tier that an element is by its name, whether it holds apexes, and who is seen.

    Raises
    ------
    KeyError
        If it has no name.
    """
    annotator = clean(element.get("ANNOTATOR", ""))
    participant = clean(element.get("PARTICIPANT", ""))
    found = parse_tier(element.attrib["TIER_ID"], annotator)
    if found is None:
        return None
    tier, is_apex = found
    if tier.owner == annotator or tier.is_model:
        return tier, is_apex, participant
    if tier.owner == participant:
        return replace(tier, owner=annotator), is_apex, participant
    if annotator and not participant:
        return replace(tier, owner=annotator), is_apex, tier.owner
    return tier, is_apex, participant


def read_tiers(
    path: Path, root: ET.Element, video: LinkedVideo, clock: FrameClock, notice: Notice
) -> dict[str, TierReader]:
    """Read the tiers of ours.

    Parameters
    ----------
    path, root
        The file.
    video
        What the file is about.
    clock
        Turns times into frames.
    notice
        Is told what was left out or guessed.

    Returns
    -------
    dict
        What was found of each participant; where a tier names none, of the subject of `video`.

    Raises
    ------
    AnnotationFormatError
        If the file has tiers, but none of ours.
    KeyError, ValueError
        If an interval is broken.
    """
    slots = {s.attrib["TIME_SLOT_ID"]: s.get("TIME_VALUE") for s in root.iterfind("TIME_ORDER/*")}
    tiers = _Tiers(path, clock, video.subject)
    tiers.read([(e, list(_marks(e, slots, video.origin_s))) for e in root.iterfind("TIER")])
    tiers.give_notice(notice)
    return dict(tiers.of_subject) or {video.subject: TierReader()}


def _marks(
    element: ET.Element, slots: dict[str, str | None], origin_s: Fraction
) -> Iterator[_Mark]:
    for mark in element.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION"):
        ends = [slots[mark.attrib[f"TIME_SLOT_REF{i}"]] for i in (1, 2)]
        start, stop = (None if end is None else int(end) * MILLISECOND + origin_s for end in ends)
        yield _Mark(start, stop, mark.findtext("ANNOTATION_VALUE") or "")


def _named_apart(
    element: ET.Element, found: tuple[Tier, bool, str] | None
) -> tuple[Tier, bool, str] | None:
    """Take the name of a tier for its coder, where several hold both kinds and nobody is named."""
    if found is None or found[0].owner:
        return found
    return replace(found[0], owner=clean(element.attrib["TIER_ID"])), *found[1:]


def _says_nothing(text: str) -> bool:
    """Whether a text says in words that there is nothing; ELAN's own gaps need none."""
    return is_gap(text) and any(c.isalnum() for c in text)
