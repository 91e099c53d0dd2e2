"""One cell of a CSV: its text, and the value it stands for.

The parsers raise :class:`ValueError` with "expected …, got …"; the reader that knows the
file, row and column adds them.
"""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from math import isfinite

from napari_mespot.model import ExpressionKind, Interval, ReviewStatus
from napari_mespot.model.bounds import LARGEST_FRAME, frame_rate_of

__all__ = [
    "escaped",
    "parse_frame",
    "parse_kind",
    "parse_ranges",
    "parse_rate",
    "parse_score",
    "parse_status",
    "ranges_text",
    "rate_text",
    "restored",
    "split_kind",
]

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_RATE = re.compile(r"\d+(\.\d+)?(/\d+)?", re.ASCII)
_LONGEST_NUMBER = 400  # characters; more of them are no frame index, whatever follows
# Not three zeros: 1,000 is a thousand to half of the world.
_DECIMAL_COMMA = re.compile(r"^(\d+),0{1,2}$", re.ASCII)

# The one list of words for the two kinds, in the form of _kind_key.
_KINDS = {
    **dict.fromkeys(("me", "mes", "micro", "mikro"), ExpressionKind.MICRO),
    **dict.fromkeys(("mae", "maes", "macro", "makro"), ExpressionKind.MACRO),
    **{
        start + end: kind
        for end in ("expression", "expressions", "expressionen")
        for start, kind in (
            ("micro", ExpressionKind.MICRO),
            ("mikro", ExpressionKind.MICRO),
            ("macro", ExpressionKind.MACRO),
            ("makro", ExpressionKind.MACRO),
        )
    },
}


_LONG = r"(?i:m[ia][ck]ro(?:[ _-]?expression(?:s|en)?)?)"
_BETWEEN = r"[\s_:;,|/-]+"
_KIND_FIRST = re.compile(rf"(?P<kind>ME|MaE|MAE|{_LONG}){_BETWEEN}(?=\S)")
_KIND_LAST = re.compile(rf"(?<=\S){_BETWEEN}(?P<kind>ME|MaE|MAE|{_LONG})$")


def escaped(text: str) -> str:
    """Return `text` so that no spreadsheet runs it as a formula.

    Text that starts with ``= + - @``, a tab or a line break gets an apostrophe in front;
    so does text that already looks so escaped. All other text stays as it is.
    """
    return "'" + text if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """Return the text that :func:`escaped` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def parse_frame(text: str) -> int:
    """Read a frame index; ``12.0`` and ``12,0`` are 12, since spreadsheets write it so."""
    try:
        value = Decimal(_DECIMAL_COMMA.sub(r"\1", text.strip()[:_LONGEST_NUMBER]))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= LARGEST_FRAME or value != int(value):
        raise ValueError(f"expected a frame index (a whole number from 0), got {_quoted(text)}")
    return int(value)


def parse_kind(text: str) -> ExpressionKind:
    """Read the kind of an expression: ``ME`` or ``MaE``, or the words for them."""
    key = _kind_key(text)
    if key not in _KINDS:
        raise ValueError(f"expected ME or MaE, got {_quoted(text)}")
    return _KINDS[key]


def split_kind(text: str) -> tuple[ExpressionKind, str, str] | None:
    """Find the words for a kind at the start or the end of a text with more in it.

    Letter case counts for the short words: ``ME`` is a kind there, ``me`` is a pronoun.

    Returns
    -------
    (kind, before, after) or None
        What stands before and behind it, one of them empty; None if there is no kind, or one
        at either end.

    Examples
    --------
    >>> split_kind("AB_Micro-expressions"), split_kind("ME 4B+7C"), split_kind("about me")
    ((<ExpressionKind.MICRO: 'ME'>, 'AB', ''), (<ExpressionKind.MICRO: 'ME'>, '', '4B+7C'), None)
    """
    first, last = _KIND_FIRST.match(text), _KIND_LAST.search(text)
    if first is not None and last is None:
        return parse_kind(first["kind"]), "", text[first.end() :]
    if last is not None and first is None:
        return parse_kind(last["kind"]), text[: last.start()], ""
    return None


def _kind_key(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).casefold()


def parse_status(text: str) -> ReviewStatus:
    """Read a review status; an empty cell is a label."""
    key = text.strip().casefold() or ReviewStatus.LABELLED.value
    if key not in set(ReviewStatus):
        names = ", ".join(ReviewStatus)
        raise ValueError(f"expected one of {names}, got {_quoted(text)}")
    return ReviewStatus(key)


def parse_score(text: str) -> float | None:
    """Read a score; an empty cell is no score. A decimal comma is understood."""
    if not text.strip():
        return None
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValueError(f"expected a number, got {_quoted(text)}")
    return value


def parse_rate(text: str) -> Fraction | None:
    """Read a frame rate such as ``30``, ``29.97`` or ``30000/1001``; empty is unknown."""
    text = text.strip().replace(",", ".")
    if not text:
        return None
    if _RATE.fullmatch(text) is None:  # 3e1 is a number, and no way to write a rate
        raise ValueError(
            f"expected a frame rate above 0 such as 30 or 30000/1001, got {_quoted(text)}"
        )
    return frame_rate_of(text)


def rate_text(rate: Fraction | None) -> str:
    """Write a frame rate exactly: ``30``, ``12.5`` or ``30000/1001``."""
    if rate is None:
        return ""
    # A spreadsheet takes 25/2 for a date, so that a decimal is written where it is exact.
    decimal = f"{float(rate):.6f}".rstrip("0").rstrip(".")
    return decimal if Fraction(decimal) == rate else f"{rate.numerator}/{rate.denominator}"


def parse_ranges(text: str) -> tuple[Interval, ...]:
    """Read ranges of frames, such as ``0..99 200..299``."""
    ranges = []
    for part in text.split():
        onset, dots, offset = part.partition("..")
        try:
            ranges.append(Interval(parse_frame(onset), parse_frame(offset if dots else onset)))
        except ValueError:
            raise ValueError(f"expected ranges such as 0..99, got {_quoted(part)}") from None
    return tuple(ranges)


def ranges_text(ranges: tuple[Interval, ...]) -> str:
    """Write ranges of frames, both ends included."""
    return " ".join(f"{r.onset}..{r.offset}" for r in ranges)


def _quoted(text: str) -> str:
    """Show a cell on one line, and not too much of it."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
