"""Intervals put into a BORIS project that somebody works on; every other value stays as it is.

An observation of the video that has behaviours of ours keeps everything else: its other events,
its independent variables, its place. A video without one gets an observation of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.io.boris import boris_document, boris_observation, packed, parsed_boris
from napari_mespot.io.boris_entries import (
    Entry,
    description_of,
    entries_of,
    with_description,
)
from napari_mespot.io.labels import clean, with_label
from napari_mespot.io.merging import GivingWay
from napari_mespot.io.notices import Notice
from napari_mespot.io.tiers import Tier, parse_tier
from napari_mespot.io.times import parse_seconds
from napari_mespot.model import Annotation, Interval, same_video, video_name

__all__ = ["merged_boris"]

_Document = dict[str, Any]
_TIME, _SUBJECT, _CODE, _MODIFIERS, _COMMENT = range(5)
_FEWEST = 5
_DAMAGED = (KeyError, ValueError, TypeError, AttributeError, IndexError)


def merged_boris(
    path: Path, data: bytes, annotations: Sequence[Annotation], notice: Notice
) -> bytes:
    """Return a project with the expressions of some videos in place of those it held of them.

    Other observations, other behaviours, subjects, the ethogram, independent variables and what
    this program does not know stay.

    Parameters
    ----------
    path
        Of the file, for what is said of it.
    data
        What it holds.
    annotations
        One per video.
    notice
        Is told what stays beside.

    Raises
    ------
    OutputError
        If it is no project, or several of its observations may be meant.
    """
    try:
        document = parsed_boris(path, data)
        for annotation in annotations:
            _Merge(path, document, annotation).do(notice)
    except AnnotationFormatError as error:
        raise OutputError(
            f"{path}: expected a BORIS project to merge into, got another file ({error}); write "
            "another file, or say --replace to start this one anew"
        ) from None
    except _DAMAGED as error:
        raise OutputError(
            f"{path}: expected a BORIS project to merge into, got a damaged one "
            f"({type(error).__name__}: {' '.join(str(error).split())[:80]}); save it again in BORIS"
        ) from None
    return packed(path, json.dumps(document, indent=1).encode())


@dataclass
class _Event:
    """An event of a project that is of a behaviour of ours."""

    row: list[Any]
    tier: Tier
    is_apex: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """What START and STOP have in common."""
        return str(self.row[_SUBJECT]), str(self.row[_CODE]), str(self.row[_MODIFIERS])


class _Merge:
    """Merges one annotation into a project."""

    def __init__(self, path: Path, document: _Document, annotation: Annotation) -> None:
        self._path, self._document, self._annotation = path, document, annotation

    def do(self, notice: Notice) -> None:
        """Change the project."""
        name = self._observation()
        observations = self._document["observations"]
        if name is None:
            entries = entries_of(self._annotation)
            made = boris_observation(self._path, self._annotation, entries)
            observations[self._free_name(observations)] = made
        else:
            entries = self._replace_events(observations[name], notice)
        self._add_subjects(entries)
        self._add_behaviours(entries)

    def _observation(self) -> str | None:
        """Return the observation of the video that has behaviours of ours; None if none has."""
        found = [
            name
            for name, facts in self._document["observations"].items()
            if self._is_about(name, facts) and self._is_ours(facts)
        ]
        named = [name for name in found if same_video(name, self._annotation.video_id)]
        if len(named or found) > 1:
            raise OutputError(
                f"{self._path}: expected one observation of {self._annotation.video_id!r} with ME "
                f"or MaE to merge into, got {', '.join(found)[:200]}; write another file and "
                "import it in BORIS, or say --replace to start this one anew"
            )
        return next(iter(named or found), None)

    def _is_about(self, name: str, facts: Mapping[str, Any]) -> bool:
        media = _media(facts)
        if len(media) > 1:  # its times count through all of them
            return False
        video = self._annotation.video_id
        return same_video(video_name(media[0]) if media else name, video)

    def _is_ours(self, facts: Mapping[str, Any]) -> bool:
        has_ours = any(parse_tier(str(row[_CODE])) is not None for row in facts["events"])
        return has_ours or (
            not facts["events"] and str(facts.get("description", "")).startswith("mespot ")
        )

    def _free_name(self, observations: Mapping[str, Any]) -> str:
        video, subject = self._annotation.video_id, self._annotation.subject_id
        names = [video, f"{video} {subject}".strip(), f"{video} mespot"]
        names += [f"{video} mespot {number}" for number in range(2, len(observations) + 3)]
        return next(name for name in names if name not in observations)

    def _replace_events(self, facts: _Document, notice: Notice) -> list[Entry]:
        """Replace the events of ours in an observation, and return what was put there."""
        going, rows = GivingWay.to(self._annotation), facts["events"]
        subject = self._subject(rows)
        ours, others = [], []
        for row in rows:
            found = parse_tier(str(row[_CODE])) if len(row) >= _FEWEST else None
            is_his = found is not None and clean(str(row[_SUBJECT])) in {"", subject}
            if found is not None and is_his:
                ours.append(_Event(row, *found))
            else:
                others.append(row)
        kept = _kept(ours, going)
        taken = {str(row[_CODE]) for row in (*others, *kept)}
        entries = entries_of(self._annotation, taken=taken, subject=subject)
        offset = parse_seconds(facts.get("time offset") or 0)
        width = max([len(row) for row in rows] or [_FEWEST + 1])
        new = [
            [float(e.time_s + offset), e.subject, e.code, e.modifiers, e.comment, e.frame][:width]
            for e in entries
        ]
        going.tell(self._path, notice)
        facts["events"] = sorted((*others, *kept, *new), key=lambda row: parse_seconds(row[_TIME]))
        description = str(facts.get("description", ""))
        facts["description"] = with_description(description, description_of(self._annotation))
        return entries

    def _subject(self, rows: Sequence[Sequence[Any]]) -> str:
        """Return who the expressions are of: as stated, or the only one who is observed."""
        if self._annotation.subject_id:
            return clean(self._annotation.subject_id)
        names = {clean(str(r[_SUBJECT])) for r in rows if parse_tier(str(r[_CODE])) is not None}
        return names.pop() if len(names) == 1 else ""

    def _add_subjects(self, entries: Sequence[Entry]) -> None:
        subjects = self._document.setdefault("subjects_conf", {})
        known = {str(s.get("name", "")) for s in subjects.values()}
        for name in dict.fromkeys(e.subject for e in entries if e.subject not in {"", *known}):
            subjects[_free_key(subjects)] = {"key": "", "name": name, "description": ""}

    def _add_behaviours(self, entries: Sequence[Entry]) -> None:
        """Add the behaviours that the ethogram lacks; those it has must be of the same type."""
        ethogram = self._document.setdefault("behaviors_conf", {})
        types = {str(b["code"]): str(b.get("type", "")) for b in ethogram.values()}
        keys = {str(b.get("key", "")).casefold() for b in ethogram.values()}
        model = boris_document(self._path, (), entries)["behaviors_conf"].values()
        for behaviour in model:
            code = behaviour["code"]
            if code in types:
                if types[code][:5] != behaviour["type"][:5] and code in {e.code for e in entries}:
                    raise OutputError(
                        f"{self._path}: expected the behaviour {code} as a "
                        f"{behaviour['type'].lower()} in the ethogram, got {types[code]!r}; change "
                        "it in BORIS, or write another file"
                    )
                continue
            if not any(e.code == code for e in entries):
                continue
            if behaviour["key"].casefold() in keys:
                behaviour["key"] = ""
            ethogram[_free_key(ethogram)] = behaviour


def _media(facts: Mapping[str, Any]) -> list[str]:
    files = facts.get("file") or {}
    return [str(file) for file in (files.get("1") or [])] if isinstance(files, dict) else []


def _free_key(entries: Mapping[str, Any]) -> str:
    numbers = [int(key) for key in entries if key.isascii() and key.isdecimal()]
    return str(max(numbers, default=-1) + 1)


def _kept(events: Sequence[_Event], going: GivingWay) -> list[list[Any]]:
    """Return the rows of ours that stay: those of other coders, with their apexes."""
    events = sorted(events, key=lambda event: parse_seconds(event.row[_TIME]))
    waiting: dict[tuple[str, str, str], _Event] = {}
    kept: list[list[Any]] = []
    spans: list[tuple[Any, Any, Tier]] = []
    for event in (e for e in events if not e.is_apex):
        start = waiting.pop(event.key, None)
        if start is None:
            waiting[event.key] = event
            continue
        if not going.includes(_owned(start)):
            kept += [start.row, event.row]
            spans.append((start.row[_TIME], event.row[_TIME], start.tier))
    # A START without its STOP says nothing that could be replaced.
    kept += [event.row for event in waiting.values()]
    for event in (e for e in events if e.is_apex):
        time = parse_seconds(event.row[_TIME])
        if any(
            parse_seconds(first) <= time <= parse_seconds(last)
            and replace(tier, owner="") == replace(event.tier, owner="")
            for first, last, tier in spans
        ):
            kept.append(event.row)
    return kept


def _owned(start: _Event) -> Tier:
    """Return the tier of an interval with its coder, whom the comment of its START names."""
    tier = start.tier
    if tier.kind is None:
        return tier
    bare = tier.expression(Interval(0, 0), tier.kind)
    coder = with_label(bare, str(start.row[_COMMENT])).coder
    return tier if tier.is_model else Tier(tier.kind, number=tier.number, owner=clean(coder))
