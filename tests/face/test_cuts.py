"""Cuts between shots, and what only looks like one."""

import cv2
import numpy as np
import pytest
from tests.face.conftest import ArraySource
from tests.face.people import film, scene, sway

from napari_mespot.face import AlignParams, extract_faces, stream_faces

N, CUT = 80, 40


def talking(i):
    return scene(("anna", 60 + sway(i), 1.0), ("ben", 620, 0.5))


def zoomed(picture, factor):
    large = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    height, width = picture.shape
    left = round(0.2 * (large.shape[1] - width))
    top = (large.shape[0] - height) // 2
    return large[top : top + height, left : left + width]


def cuts_of(make, n=N, rate=30):
    faces = extract_faces(film(make, n, rate))
    told = [text for text in faces.warnings if "cut" in text]
    assert bool(told) == bool(faces.breaks)
    assert len(told) <= 1
    return faces.breaks


@pytest.mark.parametrize("factor", [1.1, 1.3, 2.0])
@pytest.mark.parametrize("rate", [25, 200])
def test_a_change_of_the_lens(factor, rate):
    assert cuts_of(lambda i: zoomed(talking(i), factor) if i >= CUT else talking(i), rate=rate) == (
        CUT,
    )


def test_many_cuts_are_told_in_one_line():
    faces = extract_faces(
        film(lambda i: zoomed(talking(i), 1.5) if i // 20 % 2 else talking(i), 80)
    )
    assert faces.breaks == (20, 40, 60)
    (text,) = [text for text in faces.warnings if "cut" in text]
    assert text.startswith("3 cuts between shots, at frames 20, 40, 60")
    assert "\n" not in text


def test_a_moment_left_out_of_one_view():
    def make(i):
        return scene(("anna", 60 + sway(i) + (14 if i >= CUT else 0), 1.0))

    assert cuts_of(make) == (CUT,)


def test_another_person_at_once():
    faces = extract_faces(
        film(lambda i: scene(("anna" if i < CUT else "cleo", 250 + sway(i), 1)), N)
    )
    assert faces.breaks == (CUT,)
    assert any(f"from frame {CUT} on another person" in text for text in faces.warnings)


def test_a_title_between_two_shots():
    title = np.zeros((320, 800), np.uint8)
    cv2.putText(title, "PART TWO", (150, 180), cv2.FONT_HERSHEY_SIMPLEX, 3, 255, 8)
    assert cuts_of(lambda i: title if CUT <= i < 60 else talking(i), 100) == (CUT, 60)


def test_black_between_two_shots_is_one_cut():
    black = np.zeros((320, 800), np.uint8)

    def make(i):
        return black if i in (CUT, CUT + 1) else zoomed(talking(i), 1.6) if i > CUT else talking(i)

    assert cuts_of(make) == (CUT + 2,)


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_flash_is_no_cut(length):
    def make(i):
        bright = CUT <= i < CUT + length
        return np.clip(1.4 * talking(i) + 90, 0, 255).astype(np.uint8) if bright else talking(i)

    assert cuts_of(make) == ()


def test_a_lamp_or_a_person_beside_is_no_cut():
    slope = np.linspace(0.5, 1.1, 800)
    assert (
        cuts_of(lambda i: (talking(i) * slope).astype(np.uint8) if i >= CUT else talking(i)) == ()
    )
    joins = lambda i: [("ben", 460, 1.0)] if i >= CUT else []  # noqa: E731
    assert cuts_of(lambda i: scene(("anna", 60 + sway(i), 1.0), *joins(i))) == ()


@pytest.mark.parametrize("speed", [0.15, 0.3])
def test_a_fast_head_is_no_cut(speed):
    assert cuts_of(lambda i: scene(("anna", round(200 + 60 * np.sin(speed * i)), 1.0))) == ()


def test_frames_shown_twice_and_lost_frames_are_no_cut():
    def swaying(i):
        return scene(("anna", 100 + sway(i, 30), 1.0))

    assert cuts_of(lambda i: swaying(i - i % 2)) == ()
    assert cuts_of(lambda i: swaying(i if not 30 <= i < 34 else 30)) == ()
    frames = [None if i in (20, 21, CUT) else talking(i) for i in range(60)]
    assert extract_faces(ArraySource(frames)).breaks == ()


def test_a_camera_that_turns_is_no_cut():
    wide = np.hstack([scene(("anna", 250, 1.0)), scene(("ben", 600, 0.4))])
    assert (
        cuts_of(lambda i: wide[:, (s := round(220 * np.clip((i - 30) / 20, 0, 1))) : s + 800]) == ()
    )


def test_the_cut_is_in_the_right_chunk():
    source = film(lambda i: zoomed(talking(i), 1.5) if i >= CUT else talking(i), N)
    chunks = list(stream_faces(source, AlignParams(), chunk_frames=16))
    assert [chunk.breaks for chunk in chunks] == [(), (), (CUT,), (), ()]


def test_no_smoothing_goes_across():
    """At 200 frames per second transforms are smoothed over 0.1 s: not over the cut."""
    factor = 1.25
    source = film(lambda i: zoomed(talking(0), factor) if i >= CUT else talking(0), N, 200)
    transforms = extract_faces(source).transforms
    size = np.hypot(transforms[:, 0, 0], transforms[:, 0, 1])
    assert np.ptp(size[:CUT]) < 0.005 * size[0]
    assert np.ptp(size[CUT:]) < 0.005 * size[0]
    assert size[0] / size[-1] == pytest.approx(factor, rel=0.02)
