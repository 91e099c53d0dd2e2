import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_mespot.model.facs import ACTION_UNIT_NAMES, parse_facs


def read(text: str):
    return [(u.number, u.intensity, u.side) for u in parse_facs(text).units]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("4B+7C", [(4, "B", ""), (7, "C", "")]),
        ("4(B/C)+7B", [(4, "B/C", ""), (7, "B", "")]),
        ("4B/C", [(4, "B/C", "")]),
        ("L2", [(2, "", "L")]),
        ("R10B+A12C", [(10, "B", "R"), (12, "C", "A")]),
        ("T28B + B28C", [(28, "B", "T"), (28, "C", "B")]),
        ("ref(10)", [(10, "", "")]),
        ("9A or 9A", [(9, "A", ""), (9, "A", "")]),
        ("46x", [(46, "", "")]),
        ("AU4, AU 12b; 45", [(4, "", ""), (12, "B", ""), (45, "", "")]),
        ("12CL", [(12, "C", "L")]),
        ("L(12)", [(12, "", "L")]),
        ("4B?", [(4, "B", "")]),
        ("brows go up", []),
        ("", []),
    ],
)
def test_the_ways_data_sets_write_action_units_are_read(text, units):
    assert read(text) == units


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("4B+7C", ()),
        ("4(B/C)+45", ()),
        ("1+2+4B", ("no intensity (A–E): 1, 2",)),
        ("3B+99A", ("no such number in FACS: 3, 99",)),
        ("46x", ('46x: "x" is no intensity from A to E',)),
        ("ref(10)", ('ref(10): read as 10, "ref" is kept as written',)),
        ("9A or 9A", ('two readings, joined by "or"',)),
        ("4B+L4B+4C", ("written twice: 4",)),
        ("4B + slight twitch + 7C", ("not read as an action unit: slight twitch",)),
    ],
)
def test_what_looks_like_a_slip_is_remarked_on(text, remarks):
    assert parse_facs(text).remarks == remarks


def test_a_laboratory_may_leave_intensities_out():
    assert parse_facs("4+7", wants_intensity=False).remarks == ()


def test_codes_of_an_own_list_are_understood_letter_for_letter():
    code = parse_facs("4B+NOD+nod", own_codes={"NOD"})
    assert [(u.number, u.text) for u in code.units] == [(4, "4B"), (None, "NOD")]
    assert code.remarks == ("not read as an action unit: nod",)


def test_every_unit_can_be_named():
    code = parse_facs("4B+12C+99A")
    assert [u.name for u in code.units] == ["brow lowerer", "lip corner puller", ""]
    assert code.numbers == {4, 12, 99}


facs_like = st.lists(
    st.from_regex(r"(AU ?)?[LRATB]?[0-9]{1,2}(\([A-E]/[A-E]\)|[A-Ex])?", fullmatch=True)
    | st.sampled_from(["or", "ref(10)", "twitch", "?", "(", ")"]),
    max_size=6,
).flatmap(lambda parts: st.sampled_from(["+", " + ", ", ", " "]).map(lambda s: s.join(parts)))


@given(st.text() | facs_like)
@example("４Ｂ＋７Ｃ")
@example("or or\t4B\n+")
def test_any_text_is_kept_letter_for_letter(text):
    code = parse_facs(text)
    assert code.text == text
    at = 0
    for unit in code.units:  # in the order and letters of the text
        at = text.index(unit.text, at) + len(unit.text)


@given(
    st.sampled_from(sorted(ACTION_UNIT_NAMES)),
    st.sampled_from(["", *"ABCDE"]),
    st.sampled_from(["", *"LRATB"]),
)
def test_a_written_unit_is_read_back(number, intensity, side):
    assert read(f"{side}{number}{intensity}") == [(number, intensity, side)]
