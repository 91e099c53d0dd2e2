"""What a number from outside may be: one bound for each kind of value, for all readers.

Files and command lines can hold numbers of a few characters that take minutes or all memory to
compute with (``1e99999999``, a million digits). No video has such a rate, length or time: they
are refused before anything is computed.
"""

import re
from decimal import Decimal
from fractions import Fraction
from math import isfinite

__all__ = [
    "FASTEST_FPS",
    "LARGEST_FRAME",
    "LONGEST_S",
    "MOST_FRAMES",
    "SLOWEST_FPS",
    "exact_number",
    "frame_rate_of",
    "short",
    "whole_number",
]

#: Where whole numbers stop being exact in other programs.
LARGEST_FRAME = 2**53
#: Frames for which room is made: a day at 500 frames per second.
MOST_FRAMES = 5 * 10**7
#: Three hundred years: some tools count from 1970 instead of from the start of a video.
LONGEST_S = 10**10
SLOWEST_FPS, FASTEST_FPS = Fraction(1, 10**6), Fraction(10**7)

_MOST_CHARACTERS, _MOST_BITS, _LARGEST_EXPONENT = 400, 4096, 400
_NUMBER = re.compile(
    r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e(?P<exponent>[+-]?\d{1,20}))?(?:/(?P<below>\d+))?",
    re.ASCII | re.IGNORECASE,
)


def exact_number(value: object) -> Fraction:
    """Return a number from outside, exactly.

    Parameters
    ----------
    value
        A number, or a text such as ``"29.97"``, ``"1e-3"`` or ``"30000/1001"``.

    Raises
    ------
    ValueError
        If it is no finite number, or one of more digits than a measured value can have.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal | Fraction):
        raise ValueError(f"expected a number, got {short(value)}")
    if isinstance(value, int | Fraction):
        parts = (value.numerator, value.denominator)
        if max(abs(part).bit_length() for part in parts) > _MOST_BITS:
            raise ValueError("expected a number, got one of more than a thousand digits")
        return Fraction(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"expected a finite number, got {value}")
        return Fraction(value)
    return _of_text(str(value).strip())


def frame_rate_of(value: object) -> Fraction:
    """Return a frame rate from outside, in frames per second.

    Raises
    ------
    ValueError
        If it is no number, or no camera has such a rate.
    """
    try:
        rate = exact_number(value)
    except ValueError:
        rate = Fraction(0)
    if not SLOWEST_FPS <= rate <= FASTEST_FPS:
        raise ValueError(
            f"expected a frame rate above 0 such as 30 or 30000/1001, got {short(value)}"
        )
    return rate


def whole_number(value: object, largest: int = LARGEST_FRAME) -> int:
    """Return a whole number from 0 to `largest`: a frame, a count, a row.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    try:
        number = exact_number(value)
    except ValueError:
        number = Fraction(-1)
    if number.denominator != 1 or not 0 <= number <= largest:
        raise ValueError(f"expected a whole number from 0 to {largest}, got {short(value)}")
    return int(number)


def short(value: object) -> str:
    """Show a value from outside in a message: quoted, and not too much of it."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return "a number of more than a thousand digits"
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _of_text(text: str) -> Fraction:
    match = _NUMBER.fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    if match is None or abs(int(match["exponent"] or 0)) > _LARGEST_EXPONENT:
        raise ValueError(f"expected a number, got {short(text)}")
    number, _, below = text.partition("/")
    if below and not int(below):
        raise ValueError(f"expected a number, got {short(text)}")
    return Fraction(number) / int(below or 1)
