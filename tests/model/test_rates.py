"""When two frame rates are one."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model import exact_rate, same_rate

NTSC = [Fraction(n * 1000, 1001) for n in (15, 24, 30, 48, 60, 120, 240)]


@pytest.mark.parametrize("exact", NTSC)
def test_an_ntsc_rate_is_itself_however_many_digits_are_written(exact):
    written = [Fraction(f"{float(exact):.{digits}f}") for digits in (2, 3, 4, 5, 6)]
    written += [Fraction(int(exact * 10**digits), 10**digits) for digits in (2, 3, 4)]
    # 29.9700 has the digits of 29.97; 119.880 those of 119.88
    assert {exact_rate(rate) for rate in written} == {exact}
    assert all(same_rate(one, other) for one, other in combinations([*written, exact], 2))


def test_rates_of_cameras_are_not_confused():
    usual = [*NTSC, *map(Fraction, (15, 24, 25, 30, 48, 50, 60, 100, 120, 200, 240, 1000))]
    usual += [Fraction(text) for text in ("199.98", "14.9", "29.9", "24.99", "29.96", "12.5")]
    for one, other in combinations(usual, 2):
        assert not same_rate(one, other), (one, other)


def test_a_third_written_with_two_digits():
    assert same_rate(Fraction("33.33"), Fraction(100, 3))
    assert not same_rate(Fraction("33.3"), Fraction(100, 3))


@given(st.fractions(Fraction(1, 1000), 10**6), st.fractions(Fraction(1, 1000), 10**6))
def test_sameness_goes_both_ways_and_never_far(one, other):
    assert same_rate(one, one)
    assert same_rate(one, other) == same_rate(other, one)
    if same_rate(one, other):
        assert abs(one - other) < Fraction(1, 50)


@given(st.fractions(Fraction(1, 1000), 10**6))
def test_the_exact_rate_is_stable(rate):
    assert exact_rate(exact_rate(rate)) == exact_rate(rate)
    assert same_rate(rate, exact_rate(rate))


def test_any_size_of_number_is_answered():
    assert not same_rate(Fraction(10) ** 400, Fraction(1, 10**400))
