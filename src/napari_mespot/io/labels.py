"""The text that stands on an interval in another tool.

Other tools have one text per interval, where we have several fields. It is written so that a
person reads it and this module takes it apart again::

    AU: 4B+7C | emotion: surprise | status: accepted | notes: left side

A text that somebody else wrote becomes the notes.
"""

import re
from contextlib import suppress
from dataclasses import replace

from napari_mespot.io.cells import parse_kind, parse_score
from napari_mespot.model import Expression, ReviewStatus

__all__ = ["clean", "label_of", "with_label"]

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


def with_label(expression: Expression, text: str) -> Expression:
    """Return `expression` with the fields that the text of its interval states."""
    rest = clean(text)
    if _is_kind(rest):
        return expression
    fields: dict[str, str] = {}
    while (match := _FIELD.match(rest)) and _NAMES[match[1]] not in fields:
        fields[_NAMES[match[1]]] = match[2]
        rest = rest[match.end() :]
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


def _is_kind(text: str) -> bool:
    """Whether the text is empty or only repeats the kind of the expression."""
    try:
        return not text or bool(parse_kind(text))
    except ValueError:
        return False
