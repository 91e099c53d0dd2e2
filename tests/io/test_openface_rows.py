"""OpenFace tables of computers with other number formats, and of several people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.errors import AnnotationFormatError, FrameReadError
from napari_mespot.face.geometry import apply_transform, invert
from napari_mespot.face.openface_table import read_openface_table
from napari_mespot.io.action_unit_tracks import read_action_units

HEAD = ["frame", "face_id", "timestamp", "confidence", "success"]
HEAD += [f"{axis}_{i}" for axis in "xy" for i in range(68)] + ["AU01_r", "AU12_r"]
SHAPE = 60 * np.random.default_rng(8).standard_normal((2, 68))


def row(frame, x, face=0, *, unit=2.5, y=200.0, success=1):
    """The cells of a row, numbers with three decimals as OpenFace fixes them."""
    numbers = [*(SHAPE[0] + x), *(SHAPE[1] + y), 0.75, unit]
    start = [str(frame + 1), str(face), f"{frame / 25:.3f}", "0.970", str(success)]
    return start + [f"{number:.3f}" for number in numbers]


def save(path, rows, *, between=",", head_between=None, comma=False, encoding="utf-8", above=()):
    written = [[cell.replace(".", ",") for cell in cells] for cells in rows] if comma else rows
    lines = [*above, (head_between or between).join(HEAD), *map(between.join, written)]
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def middle(table, frame):
    """Where in the frame the middle of the aligned face lies."""
    return float(apply_transform(invert(table.transforms[frame]), [[56.0, 56.0]])[0, 0])


@pytest.mark.parametrize("comma", [False, True])
@pytest.mark.parametrize("between", [",", ", ", ";", "\t"])
def test_any_separator_and_any_decimal_sign(tmp_path, between, comma):
    rows = [row(i, 300 + i) for i in range(30)]
    path = save(tmp_path / "a.csv", rows, between=between, comma=comma)
    plain = read_openface_table(save(tmp_path / "plain.csv", rows))
    table = read_openface_table(path)
    assert table.found.all()
    assert table.frame_rate == 25
    np.testing.assert_allclose(table.transforms, plain.transforms)
    np.testing.assert_allclose(read_action_units(path).of("AU12_r"), 2.5)


def test_what_spreadsheets_make_of_it(tmp_path):
    rows = [row(i, 300) for i in range(20)]
    for name, options in {
        "names.csv": {"head_between": ", ", "comma": True},
        "sep.csv": {"between": ";", "comma": True, "above": ["sep=;"]},
        "wide.csv": {"encoding": "utf-16"},
        "mark.csv": {"encoding": "utf-8-sig"},
        "ends.csv": {"between": ",", "comma": False},
    }.items():
        path = save(tmp_path / name, rows, **options)
        assert read_openface_table(path).frame_rate == 25, name
        np.testing.assert_allclose(read_action_units(path).of("AU01_r"), 0.75)
    quoted = [[f'"{cell}"' for cell in cells] for cells in rows]
    np.testing.assert_allclose(
        read_action_units(save(tmp_path / "quoted.csv", quoted, comma=True)).of("AU12_r"), 2.5
    )


@pytest.mark.parametrize("place", [2, 3, 40, 142])
def test_decimal_commas_that_can_be_read_in_two_ways_are_refused(tmp_path, place):
    """One number without digits behind the comma shifts all that follow, or it might."""
    rows = [[cell.replace(".", ",") for cell in row(i, 300)] for i in range(20)]
    rows[11][place] = "1"
    path = save(tmp_path / "a.csv", rows)
    for read, error in (
        (read_openface_table, FrameReadError),
        (read_action_units, AnnotationFormatError),
    ):
        with pytest.raises(error, match=r"decimal commas .* line 13 .*run OpenFace with decimal"):
            read(path)


@given(numbers=st.lists(st.decimals(-999, 999, places=2), min_size=1, max_size=6))
def test_decimal_commas_give_the_same_numbers(tmp_path_factory, numbers):
    folder = tmp_path_factory.mktemp("commas")
    rows = [[*row(i, 300)[:-1], str(number)] for i, number in enumerate(numbers)]
    point = read_action_units(save(folder / "point.csv", rows)).values
    comma = read_action_units(save(folder / "comma.csv", rows, comma=True)).values
    np.testing.assert_array_equal(comma, point)


@pytest.mark.parametrize(
    "text",
    ["-nan(ind)", "nan(ind)", "-NaN", "1.#IND", "-1.#IND00", "1.#QNAN", "inf", "-Infinity", ""],
)
def test_what_is_no_number_is_not_found(tmp_path, text):
    rows = [row(i, 300) for i in range(20)]
    for cells in rows[::4]:
        cells[3:] = ["0.02", "0", *[text] * (len(HEAD) - 5)]
    rows[1][5:] = [text] * (len(HEAD) - 5)  # said to be found, but without numbers
    path = save(tmp_path / "a.csv", rows)
    lost = [0, 1, 4, 8, 12, 16]
    assert np.flatnonzero(~read_openface_table(path).found).tolist() == lost
    units = read_action_units(path).of("AU12_r")
    assert np.flatnonzero(np.isnan(units)).tolist() == lost
    np.testing.assert_allclose(units[~np.isnan(units)], 2.5)


def test_a_person_is_followed_though_the_numbers_change_places(tmp_path):
    rows = []
    for i in range(60):
        left, right = (0, 1) if i % 25 < 12 else (1, 0)
        rows += [row(i, 250 + i, left, unit=1), row(i, 1000 - i, right, unit=4)]
    path = save(tmp_path / "a.csv", rows)
    table = read_openface_table(path)
    assert table.found.all()
    assert abs(middle(table, 59) - middle(table, 0)) < 80
    assert np.ptp(read_action_units(path).of("AU12_r")) == 0
    assert table.breaks == ()
    (text,) = table.warnings
    assert "by place" in text
    assert "frames 12, 25, 37, 50" in text
    assert read_action_units(path).warnings == table.warnings


def test_a_number_given_anew_is_the_same_person(tmp_path):
    rows = [row(i, 300, i // 10) for i in range(40) if i % 10 != 9]
    table = read_openface_table(save(tmp_path / "a.csv", rows))
    assert np.flatnonzero(~table.found).tolist() == [9, 19, 29]
    assert table.breaks == ()
    assert "frames 10, 20, 30" in table.warnings[0]


def test_a_jump_of_the_only_face_is_told(tmp_path):
    rows = [row(i, 300 if i < 30 else 900) for i in range(60)]
    table = read_openface_table(save(tmp_path / "a.csv", rows))
    assert table.found.all()
    assert table.breaks == (30,)
    (text,) = table.warnings
    assert "jumps to another place at frame 30" in text
    assert "another person, or a cut" in text


def test_a_person_in_the_background_is_never_taken_for_the_one_who_looks_away(tmp_path):
    rows = [row(i, 900, 1) for i in range(60) if i > 5]
    rows += [row(i, 300, 0, success=int(not 20 <= i < 26)) for i in range(60)]
    table = read_openface_table(save(tmp_path / "a.csv", rows))
    assert np.flatnonzero(~table.found).tolist() == list(range(20, 26))
    assert abs(middle(table, 0) - middle(table, 59)) < 1


def test_without_landmarks_the_pose_tells_the_place(tmp_path):
    lines = ["frame,face_id,confidence,success,pose_Tx,pose_Ty,pose_Tz,AU12_r"]
    for i in range(20):
        numbers = (0, 1) if i < 10 else (1, 0)
        for number, x, unit in zip(numbers, (-300, 300), (1, 4), strict=True):
            lines.append(f"{i + 1},{number},0.98,1,{x},10,600,{unit}")
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    assert np.ptp(read_action_units(tmp_path / "a.csv").of("AU12_r")) == 0


def test_a_frame_that_comes_twice_is_told(tmp_path):
    rows = [row(i, 300) for i in range(20)]
    rows[7] = row(6, 300, unit=9)
    table = read_openface_table(save(tmp_path / "a.csv", rows))
    assert not table.found[7]
    assert "1 frames come twice" in table.warnings[0]


@pytest.mark.parametrize(
    ("column", "text", "complaint"),
    [
        (0, "50000000", "a frame number 5e.07 in a table of 20 rows"),
        (0, "1" + 400 * "0", "a row without a frame number"),
        (0, "12;5", "where a number belongs"),
        (4, "yes", "'yes' in the column success"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_one_line(tmp_path, column, text, complaint):
    rows = [row(i, 300) for i in range(20)]
    rows[5][column] = text
    path = save(tmp_path / "a.csv", rows)
    for read, error in (
        (read_openface_table, FrameReadError),
        (read_action_units, AnnotationFormatError),
    ):
        with pytest.raises(error, match=complaint) as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_odd_numbers_do_no_harm(tmp_path):
    rows = [row(i, 300, "") for i in range(20)]
    rows[3][5:] = ["1e300"] * (len(HEAD) - 5)
    rows[4][5:] = ["7"] * (len(HEAD) - 5)  # all landmarks in one place
    rows[6][1] = "inf"
    table = read_openface_table(save(tmp_path / "a.csv", rows))
    assert np.flatnonzero(~table.found).tolist() == [3, 4]
    assert np.isfinite(table.transforms).all()


def test_a_table_whose_writing_was_stopped(tmp_path):
    rows = [row(i, 300) for i in range(20)]
    path = save(tmp_path / "a.csv", rows)
    text = path.read_text()
    path.write_text(text[:-600])
    table = read_openface_table(path)
    assert table.found.sum() == 19
    assert "cut short" in table.warnings[0]
    lines = text.splitlines()
    path.write_text("\n".join([*lines[:9], lines[9][:100], *lines[10:]]))
    with pytest.raises(FrameReadError, match="line 10 with fewer cells"):
        read_openface_table(path)


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(AnnotationFormatError, match="not a file"):
        read_action_units(tmp_path)
