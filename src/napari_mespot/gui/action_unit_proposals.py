"""What may be meant by the letters of an action unit that is being typed. Free of Qt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from napari_mespot.io.coding_template import CodingTemplate, TemplateCode
from napari_mespot.model import ACTION_UNIT_NAMES

__all__ = ["Proposal", "proposals", "token_at"]

_MOST = 12
_SEPARATORS = frozenset("+,;& \t\n")
_NUMBERED = re.compile(r"(?P<side>[LRATB]?)(?P<number>[0-9]{1,2})(?P<intensity>[A-E]?)", re.I)
_INTENSITIES = {"A": "trace", "B": "slight", "C": "marked", "D": "severe", "E": "maximum"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to go on.

    Parameters
    ----------
    code
        What would stand in the field.
    label
        What it means.
    is_key
        Whether exactly its key was typed.
    """

    code: str
    label: str
    is_key: bool = False


def token_at(text: str, cursor: int) -> tuple[int, int]:
    """Return first and last place (exclusive) of the code that a cursor stands in or behind."""
    start = cursor
    while start > 0 and text[start - 1] not in _SEPARATORS:
        start -= 1
    stop = cursor
    while stop < len(text) and text[stop] not in _SEPARATORS:
        stop += 1
    return start, stop


def proposals(token: str, template: CodingTemplate) -> tuple[Proposal, ...]:
    """Return what a code that is being typed may become, likeliest first.

    Parameters
    ----------
    token
        As typed so far: a number with or without side and intensity, the beginning of a code
        or of its key, or letters of a name.
    template
        Its codes are proposed; all of FACS if it has none.
    """
    if not token:
        return ()
    found: dict[str, Proposal] = {}
    for proposal in (*_by_number(token, template), *_by_name(token, template)):
        found.setdefault(proposal.code, proposal)
    found.pop(token, None)  # it stands there already
    return tuple(found.values())[:_MOST]


def _entries(template: CodingTemplate) -> tuple[TemplateCode, ...]:
    facs = tuple(TemplateCode(code=str(n), label=name) for n, name in ACTION_UNIT_NAMES.items())
    return template.action_units or facs


def _label(entry: TemplateCode) -> str:
    if entry.label or not entry.code.isdecimal():
        return entry.label
    return ACTION_UNIT_NAMES.get(int(entry.code), "")


def _by_number(token: str, template: CodingTemplate) -> list[Proposal]:
    match = _NUMBERED.fullmatch(token)
    if match is None:
        return []
    side, number = match["side"].upper(), match["number"]
    if match["intensity"]:
        return []
    entries = [e for e in _entries(template) if e.code.startswith(number)]
    graded = [
        Proposal(f"{side}{number}{letter}", f"{_label(e)}, {word}".removeprefix(", "))
        for e in entries
        if e.code == number
        for letter, word in _INTENSITIES.items()
    ]
    return graded + [Proposal(side + e.code, _label(e)) for e in entries]


def _by_name(token: str, template: CodingTemplate) -> Iterator[Proposal]:
    typed = token.casefold()
    entries = _entries(template)
    for entry in entries:
        if entry.key and entry.key.casefold() == typed:
            yield Proposal(entry.code, _label(entry), is_key=True)
    for entry in entries:
        if entry.code.casefold().startswith(typed) or entry.key.casefold().startswith(typed):
            yield Proposal(entry.code, _label(entry))
    if len(typed) > 1 and not typed.isdecimal():  # one letter stands in every name
        yield from (
            Proposal(entry.code, _label(entry))
            for entry in entries
            if typed in _label(entry).casefold()
        )
