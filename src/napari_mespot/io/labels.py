"""The text that stands on an interval in another tool.

Other tools have one text per interval, where we have several fields. It is written so that a
person reads it and this module takes it apart again::

    AU: 4B+7C | emotion: surprise | status: accepted | notes: left side

Of a text that somebody else wrote, a FACS code becomes the action units, and all else the notes.
"""

import re
from contextlib import suppress
from dataclasses import replace

from napari_mespot.io.cells import parse_kind, parse_score
from napari_mespot.model import (
    ACTION_UNIT_NAMES,
    Expression,
    ExpressionKind,
    ReviewStatus,
    parse_facs,
)

__all__ = ["clean", "is_facs_code", "is_gap", "is_unit_number", "label_of", "with_label"]

_NAMES = {
    "AU": "action_units",
    "emotion": "emotion",
    "status": "status",
    "score": "score",
    "source": "source",
    "coder": "coder",
}
_FIELD = re.compile(rf"({'|'.join(_NAMES)}): (.*?)(?: \| |$)")
_NOTES = "notes: "
# What people write where nothing is: the tiers of some tools have no gaps.
_NOTHING = re.compile(
    "(0+|au0|background|baseline|blank|empty|false|nan?|neutral|neutralface|no|noexpression|none"
    "|nonexpression|nothing|null|p|pause|rest|sil|silence|sp)?"
)
_MARKS = re.compile(
    r"[-\s_.,:;#<>()\[\]{}/\\=~\u2013\u2014\u2026]+"
)  # but ? + * !, which say something
_CODED = re.compile(r"(?i:aus?)[ (]?[LRATB]?\d|\d\s*[+&]\s*\S|\d[A-E]\b", re.ASCII)
_UNIT_NUMBER = re.compile(r"[LR]?0?(\d{1,2})", re.ASCII)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return `text` on one line, without characters that no text file of a tool may hold."""
    return " ".join(_UNPRINTABLE.sub("\ufffd", text).split())


def label_of(expression: Expression, implied: Expression) -> str:
    """Return the text for an expression.

    Parameters
    ----------
    expression
        What is described.
    implied
        An expression with those fields that the reader knows otherwise, from the name of the
        tier: they are left out of the text.
    """
    parts = []
    for name, field in _NAMES.items():
        value, known = getattr(expression, field), getattr(implied, field)
        text = "" if value is None else clean(str(value)).replace(" | ", " / ")
        if text and value != known:
            parts.append(f"{name}: {text}")
    notes = clean(expression.notes)
    if notes:
        parts.append(_NOTES + notes)
    return " | ".join(parts) or expression.kind.value


def is_gap(text: str) -> bool:
    """Whether the text of an interval says that there is nothing: no word at all, or ``neutral``.

    Letter case, blanks and marks such as ``<sil>``, ``-`` or ``#`` do not count.
    """
    return _NOTHING.fullmatch(_MARKS.sub("", text.casefold())) is not None


def is_facs_code(text: str) -> bool:
    """Whether a text is a code of action units beyond doubt: ``4B+7C``, ``AU12``, ``AU4, R14``.

    A number alone is none: ``1`` may be a mark of any kind (see :func:`is_unit_number`).
    """
    if not _CODED.search(text):
        return False
    code = parse_facs(text, wants_intensity=False)
    numbers = [unit.number for unit in code.units]
    has_unread = any("not read" in r or "no intensity" in r for r in code.remarks)
    return bool(numbers) and not has_unread and set(numbers) <= set(ACTION_UNIT_NAMES)


def is_unit_number(text: str) -> bool:
    """Whether a text is a number, or several, that may stand for action units."""
    numbers = [_UNIT_NUMBER.fullmatch(part) for part in re.split(r"[\s,;]+", text.strip())]
    return all(m is not None and int(m[1]) in ACTION_UNIT_NAMES for m in numbers)


def with_label(expression: Expression, text: str) -> Expression:
    """Return `expression` with the fields that the text of its interval states."""
    rest = clean(text)
    if _is_kind(rest, expression.kind):
        return expression
    fields: dict[str, str] = {}
    while (match := _FIELD.match(rest)) and _NAMES[match[1]] not in fields:
        fields[_NAMES[match[1]]] = match[2]
        rest = rest[match.end() :]
    if "action_units" not in fields and is_facs_code(rest):
        fields["action_units"], rest = rest, ""
    status, score = fields.pop("status", None), fields.pop("score", None)
    expression = replace(
        expression,
        notes=rest.removeprefix(_NOTES),
        action_units=fields.get("action_units", ""),
        emotion=fields.get("emotion", ""),
        source=fields.get("source", expression.source),
        coder=fields.get("coder", expression.coder),
    )
    if status in set(ReviewStatus):
        expression = replace(expression, status=ReviewStatus(status))
    if score is not None:
        with suppress(ValueError):
            expression = replace(expression, score=parse_score(score))
    return expression


def _is_kind(text: str, kind: ExpressionKind) -> bool:
    """Whether the text is empty or only repeats the kind of the expression."""
    try:
        return not text or parse_kind(text) is kind
    except ValueError:
        return False
