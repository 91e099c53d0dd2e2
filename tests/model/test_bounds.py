"""Numbers from outside: exact where they are measurable, refused at once where they are not."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model.bounds import exact_number, frame_rate_of, whole_number

BOMBS = [
    "1e99999999",
    "-1e-99999999",
    "9" * 10**6,
    "0." + "3" * 10**6,
    "1/" + "9" * 10**6,
    10**5000,
    float("inf"),
    float("nan"),
    "inf",
    "nan",
    "1/0",
    "",
    "1e",
    "0x10",
    "1_000",
    "١٢",
    True,
    None,
    [1],
]


@pytest.mark.parametrize("value", BOMBS, ids=range(len(BOMBS)))
def test_what_is_no_measurable_number_is_refused_at_once(value):
    for read in (exact_number, frame_rate_of, whole_number):
        with pytest.raises(ValueError, match="expected") as refused:
            read(value)
        assert len(str(refused.value)) < 200


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6))
def test_fractions_come_back_exactly(value):
    assert exact_number(str(value)) == exact_number(value) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_decimals_are_read_exactly(value):
    assert exact_number(str(value)) == exact_number(value) == Fraction(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_exactly(value):
    assert exact_number(value) == Fraction(value)


@pytest.mark.parametrize(
    ("value", "rate"),
    [
        ("30000/1001", Fraction(30000, 1001)),
        (" 29.97 ", Fraction(2997, 100)),
        ("2e2", Fraction(200)),
        (200, Fraction(200)),
        (Decimal("0.5"), Fraction(1, 2)),
    ],
)
def test_frame_rates(value, rate):
    assert frame_rate_of(value) == rate


@pytest.mark.parametrize("value", [0, -30, "1e8", "1e-9", "-1"])
def test_rates_of_no_camera_are_refused(value):
    with pytest.raises(ValueError, match="frame rate above 0"):
        frame_rate_of(value)


@pytest.mark.parametrize(("value", "frame"), [("12", 12), (12.0, 12), ("12.0", 12), (0, 0)])
def test_whole_numbers(value, frame):
    assert whole_number(value) == frame


@pytest.mark.parametrize("value", ["12.5", -1, 2**53 + 1, "1e300"])
def test_no_frame_has_such_a_number(value):
    with pytest.raises(ValueError, match="whole number"):
        whole_number(value)
