"""Action units as coders write them: kept letter for letter, read as far as possible.

``"4B+7C"`` is the brow lowerer at intensity B with the lid tightener at C. A side stands before
the number (L, R: one side; A: asymmetric; T, B: top or bottom half), an intensity from A
(trace) to E (maximum) behind it. Laboratories write more than that (``"4(B/C)"``, ``"ref(10)"``,
``"46x"``, words); nothing of it is ever refused or changed. What cannot be read, or looks like
a slip, becomes a remark.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ACTION_UNIT_NAMES", "ActionUnit", "FacsCode", "parse_facs"]

ACTION_UNIT_NAMES: Mapping[int, str] = MappingProxyType(
    {
        0: "neutral face",
        1: "inner brow raiser",
        2: "outer brow raiser",
        4: "brow lowerer",
        5: "upper lid raiser",
        6: "cheek raiser",
        7: "lid tightener",
        8: "lips toward each other",
        9: "nose wrinkler",
        10: "upper lip raiser",
        11: "nasolabial deepener",
        12: "lip corner puller",
        13: "sharp lip puller",
        14: "dimpler",
        15: "lip corner depressor",
        16: "lower lip depressor",
        17: "chin raiser",
        18: "lip pucker",
        19: "tongue show",
        20: "lip stretcher",
        21: "neck tightener",
        22: "lip funneler",
        23: "lip tightener",
        24: "lip presser",
        25: "lips part",
        26: "jaw drop",
        27: "mouth stretch",
        28: "lips suck",
        29: "jaw thrust",
        30: "jaw sideways",
        31: "jaw clencher",
        32: "lip bite",
        33: "cheek blow",
        34: "cheek puff",
        35: "cheek suck",
        36: "tongue bulge",
        37: "lip wipe",
        38: "nostril dilator",
        39: "nostril compressor",
        40: "sniff",
        41: "lid droop",
        42: "eye slit",
        43: "eyes closed",
        44: "squint",
        45: "blink",
        46: "wink",
        50: "speech",
        51: "head turned left",
        52: "head turned right",
        53: "head up",
        54: "head down",
        55: "head tilted left",
        56: "head tilted right",
        57: "head forward",
        58: "head back",
        61: "eyes turned left",
        62: "eyes turned right",
        63: "eyes up",
        64: "eyes down",
        65: "walleye",
        66: "cross-eye",
        69: "eyes on the other person",
        70: "brows not visible",
        71: "eyes not visible",
        72: "lower face not visible",
        73: "whole face not visible",
        74: "not codable",
        80: "swallow",
        81: "chewing",
        82: "shoulder shrug",
        84: "head shake",
        85: "head nod",
        91: "flash",
        92: "partial flash",
        97: "shiver or tremble",
        98: "fast look up and down",
    }
)
"""Number of an action unit or action descriptor → what moves, in a few words."""

# Muscles of the face; blinks, sniffs, gaze, posture and visibility are there or not.
_GRADED = frozenset(n for n in ACTION_UNIT_NAMES if 0 < n <= 46) - {19, 40, 45}

_TOKEN = re.compile(r"[^\s+,;&]+")
_UNIT = re.compile(
    r"(?:AUs?)?(?P<side>[LRATB])?(?P<number>[0-9]{1,3})"
    r"(?:\((?P<either>[A-E](?:[/-][A-E])*)\)|(?P<plain>[A-E](?:[/-][A-E])*))?"
    r"(?P<behind>[LR](?![A-Z]))?(?P<rest>.*)",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"(?P<word>[A-Z]+)\((?P<number>[0-9]{1,3})\)", re.IGNORECASE)
_ALTERNATIVE, _PREFIXES = "or", frozenset({"au", "aus"})


@dataclass(frozen=True, slots=True)
class ActionUnit:
    """One action unit of a code.

    Parameters
    ----------
    number
        Its number in FACS; None for a code of a laboratory's own list.
    intensity
        ``"A"`` to ``"E"``, both where the coder left it open (``"B/C"``), or empty.
    side
        ``"L"``, ``"R"``, ``"A"`` (asymmetric), ``"T"``, ``"B"`` (top, bottom), or empty.
    text
        As written.
    """

    number: int | None
    intensity: str = ""
    side: str = ""
    text: str = ""

    @property
    def name(self) -> str:
        """What moves, in a few words; empty if the number is unknown."""
        return "" if self.number is None else ACTION_UNIT_NAMES.get(self.number, "")


@dataclass(frozen=True, slots=True)
class FacsCode:
    """What was read in the code of one interval.

    Parameters
    ----------
    units
        In the order they were written.
    remarks
        Texts for the coder: what could not be read or looks like a slip.
    text
        The code as written, letter for letter.
    """

    units: tuple[ActionUnit, ...] = ()
    remarks: tuple[str, ...] = ()
    text: str = ""

    @property
    def numbers(self) -> frozenset[int]:
        """Numbers of all its action units."""
        return frozenset(unit.number for unit in self.units if unit.number is not None)


def parse_facs(
    text: str, *, wants_intensity: bool = True, own_codes: Collection[str] = ()
) -> FacsCode:
    """Read a code of action units; never fails, whatever was written.

    Parameters
    ----------
    text
        For instance ``"4B+7C"``, ``"L2"``, ``"R10B+A12C"`` or free text.
    wants_intensity
        Whether an action unit without intensity is worth a remark.
    own_codes
        Codes of a laboratory's own list, understood letter for letter.

    Examples
    --------
    >>> [(u.number, u.intensity, u.side) for u in parse_facs("R10B+A12C").units]
    [(10, 'B', 'R'), (12, 'C', 'A')]
    >>> parse_facs("46x").remarks
    ('46x: "x" is no intensity from A to E',)
    """
    units: list[ActionUnit] = []
    remarks: list[str] = []
    unread: list[tuple[int, int]] = []
    is_open = False
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token.lower() == _ALTERNATIVE and units:
            is_open = True
        elif token in own_codes and not _UNIT.fullmatch(token):
            units.append(ActionUnit(None, text=token))
        elif (unit := _parsed(token, remarks)) is not None:
            units.append(unit)
        elif token.lower() not in _PREFIXES:
            unread.append(match.span())
    remarks += [f"not read as an action unit: {piece}" for piece in _joined(text, unread)]
    if is_open:
        remarks.append('two readings, joined by "or"')
    remarks += _slips(units, wants_intensity=wants_intensity, is_open=is_open)
    return FacsCode(tuple(units), tuple(remarks), text)


def _parsed(token: str, remarks: list[str]) -> ActionUnit | None:
    if match := _WRAPPED.fullmatch(token):
        word = match["word"]
        if word.upper() in {"AU", "L", "R", "A", "T", "B"}:
            side = word.upper() if len(word) == 1 else ""
            return ActionUnit(int(match["number"]), "", side, token)
        remarks.append(f'{token}: read as {int(match["number"])}, "{word}" is kept as written')
        return ActionUnit(int(match["number"]), text=token)
    match = _UNIT.fullmatch(token)
    if match is None:
        return None
    rest = match["rest"].strip("?.!*")
    if rest:
        remarks.append(f'{token}: "{rest}" is no intensity from A to E')
    intensity = (match["either"] or match["plain"] or "").upper().replace("-", "/")
    side = (match["side"] or match["behind"] or "").upper()
    return ActionUnit(int(match["number"]), intensity, side, token)


def _joined(text: str, spans: Iterable[tuple[int, int]]) -> list[str]:
    """Return the pieces of `text` in `spans`; neighbours with only blanks between are one."""
    out: list[tuple[int, int]] = []
    for start, stop in spans:
        if out and not text[out[-1][1] : start].strip():
            out[-1] = (out[-1][0], stop)
        else:
            out.append((start, stop))
    return [text[start:stop] for start, stop in out]


def _slips(units: list[ActionUnit], *, wants_intensity: bool, is_open: bool) -> list[str]:
    unknown = [str(u.number) for u in units if u.number is not None and not u.name]
    plain = [
        u.text for u in units if u.number in _GRADED and not u.intensity and u.text[-1:].isdigit()
    ]
    counts = Counter((u.number, u.side, u.text if u.number is None else "") for u in units)
    twice = [
        (side + str(number)) if number is not None else text
        for (number, side, text), n in counts.items()
        if n > 1
    ]
    out = []
    if unknown:
        out.append(f"no such number in FACS: {_listed(unknown)}")
    if plain and wants_intensity:
        out.append(f"no intensity (A–E): {_listed(plain)}")
    if twice and not is_open:
        out.append(f"written twice: {_listed(twice)}")
    return out


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
