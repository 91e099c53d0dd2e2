"""Action units of an OpenFace table, whatever its age and however untidy it is."""

import numpy as np
import pytest

from napari_mespot.errors import AnnotationFormatError
from napari_mespot.io.action_unit_tracks import ActionUnitTracks, read_action_units

UNITS = ("AU01_r", "AU12_r", "AU12_c")


def write(path, rows, *, face_id=True, space=" ", units=UNITS):
    """A table as OpenFace writes it: rows of (frame, face, success, *values)."""
    head = ["frame", *(["face_id"] if face_id else []), "timestamp", "confidence", "success"]
    head += ["gaze_0_x", *units]
    lines = [f",{space}".join(head)]
    for frame, face, success, *values in rows:
        cells = [frame, *([face] if face_id else []), f"{frame / 30:.3f}", 0.98, success, 0.1]
        lines.append(f",{space}".join(str(cell) for cell in [*cells, *values]))
    path.write_text("\n".join(lines) + "\n")
    return path


def plain_rows(n=5):
    return [(i + 1, 0, 1, 0.5 * i, 4.0 - i, i % 2) for i in range(n)]


@pytest.mark.parametrize("face_id", [True, False])
@pytest.mark.parametrize("space", [" ", ""])
def test_both_layouts_are_read(tmp_path, face_id, space):
    tracks = read_action_units(
        write(tmp_path / "a.csv", plain_rows(), face_id=face_id, space=space)
    )
    assert tracks.names == UNITS
    assert (tracks.values.dtype, tracks.values.shape) == (np.float32, (5, 3))
    np.testing.assert_allclose(tracks.of("AU01_r"), [0, 0.5, 1, 1.5, 2])
    np.testing.assert_allclose(tracks.of("AU12_c"), [0, 1, 0, 1, 0])
    assert tracks.warnings == ()
    assert tracks.n_frames == 5


def test_what_is_missing_is_nan(tmp_path):
    rows = [(1, 0, 1, 1, 1, 1), (3, 0, 0, 0, 0, 0), (4, 0, 1, "nan", 2, 0), (6, 0, 1, 3, "", 1)]
    values = read_action_units(write(tmp_path / "a.csv", rows)).values
    nan = np.nan
    expected = [[1, 1, 1], [nan] * 3, [nan] * 3, [nan, 2, 0], [nan] * 3, [3, nan, 1]]
    np.testing.assert_array_equal(values, np.array(expected, np.float32))


def test_the_face_seen_most_often_is_kept(tmp_path):
    rows = [(1, 0, 1, 1, 1, 1), (1, 7, 1, 2, 2, 0), (2, 7, 1, 3, 3, 0), (3, 0, 0, 9, 9, 1)]
    tracks = read_action_units(write(tmp_path / "a.csv", rows))
    np.testing.assert_array_equal(tracks.of("AU01_r"), [2, 3])
    assert tracks.warnings == ("OpenFace saw 2 faces: kept face 7, in 2 frames",)


def test_frames_may_count_from_zero(tmp_path):
    rows = [(0, 0, 1, 1, 1, 1), (1, 0, 1, 2, 2, 1)]
    np.testing.assert_array_equal(
        read_action_units(write(tmp_path / "a.csv", rows)).of("AU01_r"), [1, 2]
    )


def test_commas_at_the_ends_of_rows_shift_nothing(tmp_path):
    path = write(tmp_path / "a.csv", plain_rows())
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *(f"{row}," for row in rows)]))
    np.testing.assert_allclose(read_action_units(path).of("AU01_r"), [0, 0.5, 1, 1.5, 2])


def test_the_order_and_a_byte_order_mark_do_not_matter(tmp_path):
    path = write(tmp_path / "a.csv", plain_rows()[::-1])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    np.testing.assert_allclose(read_action_units(path).of("AU01_r"), [0, 0.5, 1, 1.5, 2])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "No columns"),
        ("frame, success, AU01_r\n", "no rows"),
        ("frame, success, gaze_0_x\n1, 1, 0.2\n", "no column such as AU01_r"),
        ("time, AU01_r\n1, 1\n", "no column frame"),
        ("frame, AU01_r\n1, much\n", "much"),
        ("frame, AU01_r\n, 1\n", "a row without a frame number"),
        ("frame, AU01_r\n1.5, 1\n", "a frame number 1.5"),
        ("frame, AU01_r\n-3, 1\n", "a frame number -3"),
        ("frame, AU01_r\n900000000, 1\n", "a frame number 9e"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path, text, complaint):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(AnnotationFormatError, match=complaint) as caught:
        read_action_units(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_no_file_and_no_text_are_refused_too(tmp_path):
    with pytest.raises(AnnotationFormatError, match="No such file"):
        read_action_units(tmp_path / "none.csv")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe\x00")
    with pytest.raises(AnnotationFormatError, match="expected an OpenFace table"):
        read_action_units(tmp_path / "picture.csv")


def test_names_and_values_must_fit():
    with pytest.raises(ValueError, match=r"shape \(n_frames, 1\)"):
        ActionUnitTracks(("AU01_r",), np.zeros((3, 2), np.float32))
