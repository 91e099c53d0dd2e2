"""Frame rates: the one definition of "the same rate".

NTSC rates are fractions (30000/1001) that people and programs write with two or three digits
behind the point, rounded or cut off: 29.97, 23.976, 23.98, 23.97, 59.94, 119.88.
"""

from fractions import Fraction

__all__ = ["exact_rate", "same_rate"]

_FEWEST_DIGITS, _MOST_DIGITS = 2, 6
#: Rates that differ by less are one: half a frame in more than an hour at 100 per second.
_TOLERANCE = Fraction(1, 1_000_000)


def exact_rate(rate: Fraction) -> Fraction:
    """Return the fraction that a rate written as a decimal stands for; most stay as they are.

    Examples
    --------
    >>> exact_rate(Fraction("29.97")), exact_rate(Fraction("23.98")), exact_rate(Fraction(30))
    (Fraction(30000, 1001), Fraction(24000, 1001), Fraction(30, 1))
    """
    nominal = round(rate * 1001 / 1000)
    if not nominal or (nominal % 24 and nominal % 15):
        return rate
    exact = Fraction(nominal * 1000, 1001)
    return exact if _is_written(exact, rate) or _is_near(exact, rate) else rate


def same_rate(one: Fraction, other: Fraction) -> bool:
    """Whether two frame rates are one, written in two ways.

    Examples
    --------
    >>> same_rate(Fraction("29.97"), Fraction(30000, 1001)), same_rate(Fraction(30), Fraction(25))
    (True, False)
    >>> same_rate(Fraction("29.97"), Fraction(30))
    False
    """
    one, other = exact_rate(one), exact_rate(other)
    return _is_near(one, other) or _is_written(one, other) or _is_written(other, one)


def _is_near(one: Fraction, other: Fraction) -> bool:
    return abs(one - other) <= _TOLERANCE * max(one, other)


def _is_written(exact: Fraction, decimal: Fraction) -> bool:
    """Whether `decimal` is `exact` with some digits behind the point, rounded or cut off."""
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS + 1):
        if (decimal * 10**digits).denominator == 1:
            break
    else:
        return False
    if (decimal * 10 ** (_FEWEST_DIGITS - 1)).denominator == 1:
        return False  # 30 and 29.9 say too little to stand for another rate
    scaled = exact * 10**digits
    return decimal * 10**digits in {scaled // 1, (scaled + Fraction(1, 2)) // 1}
