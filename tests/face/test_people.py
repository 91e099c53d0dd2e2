"""Who is followed when there are several people, and what is told of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.face.conftest import ArraySource
from tests.face.people import NAMES, film, place, portrait, says, scene, sway

from napari_mespot.errors import NoFaceError
from napari_mespot.face import (
    AlignParams,
    FaceCache,
    FaceChoice,
    extract_faces,
    parse_face_choice,
    stream_faces,
)
from napari_mespot.face.likeness import ANOTHER, SAME, look_of
from napari_mespot.face.people import StillPatch

WALL = [600, 0.5]  # place and size of a photograph on the wall


def poster_then_person(i):
    people = [("ben", *WALL)]
    return scene(*people, *([("anna", 200 + sway(i), 1.0)] if i >= 20 else []))


def test_a_person_who_sits_down_before_a_photograph_is_followed():
    faces = extract_faces(film(poster_then_person, 90))
    assert not faces.found[:20].any()
    assert faces.found[28:].all()
    assert 250 < place(faces, 80) < 450
    assert says(faces, "the face followed is that at", "from frame 2", "is not followed")
    assert faces.followed.startswith("x ")


def test_that_holds_for_streams_and_the_cache(tmp_path):
    source = film(poster_then_person, 90)
    cache = FaceCache(tmp_path)
    stream = stream_faces(source, AlignParams(), cache=cache)
    assert len(list(stream)) == 2
    assert stream.another is not None
    assert cache.load(source, AlignParams()) is None, "the wrong face is kept"
    faces = extract_faces(source, cache=cache)
    stored = cache.load(source, AlignParams())
    np.testing.assert_array_equal(stored.found, faces.found)
    assert (stored.breaks, stored.followed) == (faces.breaks, faces.followed)
    assert stored.warnings == faces.warnings
    other = FaceChoice("right")
    assert cache.load(source, AlignParams(), other) is None, "another face, another file"


def test_a_photograph_never_wins_over_a_live_face_though_it_is_larger():
    faces = extract_faces(
        film(lambda i: scene(("ben", 40, 1.0), ("anna", 480 + sway(i), 0.7)), 150)
    )
    assert faces.found.mean() > 0.9
    assert place(faces, 100) > 450
    assert says(faces, "a picture of a face (it never moves)", "not followed")


def test_a_second_person_who_joins_is_told_and_not_followed():
    def make(i):
        joins = [("ben", 480 + sway(i, 2), 0.8)] if i >= 40 else []
        return scene(("anna", 60 + sway(i), 1.0), *joins)

    faces = extract_faces(film(make, 120))
    assert faces.found.all()
    assert all(place(faces, i) < 350 for i in range(120))
    assert faces.breaks == ()
    assert says(faces, "another face is seen from frame", "not followed", "--face")


def test_two_people_who_change_places_at_a_cut_are_kept_apart():
    def make(i):
        left, right = ("cleo", "ben") if i < 50 else ("ben", "cleo")
        return scene((left, 100 + sway(i), 1.0), (right, 500 + sway(i, 2), 1.0))

    faces = extract_faces(film(make, 110))
    assert (place(faces, 20) < 400) != (place(faces, 100) < 400)
    assert faces.breaks == (50,)
    assert not says(faces, "another person is followed")


def test_another_person_after_a_gap_is_told_and_not_compared():
    def make(i):
        if 40 <= i < 60:
            return scene()
        return scene(("anna" if i < 40 else "cleo", 250 + sway(i), 1.0))

    faces = extract_faces(film(make, 100))
    assert np.flatnonzero(~faces.found).tolist() == list(range(40, 60))
    assert 60 in faces.breaks
    assert says(faces, "from frame 60 on another person is followed")


def test_the_same_person_after_a_gap_is_the_same():
    def make(i):
        return scene() if 40 <= i < 60 else scene(("anna", 250 + sway(i) + i // 2, 1.0))

    faces = extract_faces(film(make, 100))
    assert not says(faces, "another person")
    assert faces.found[60:].all()


def test_nobody_else_is_taken_for_the_one_who_left():
    def make(i):
        main = [] if 40 <= i < 70 else [("anna", 40 + sway(i), 1.0)]
        return scene(*main, ("ben", 480 + sway(i, 2), 0.7))

    faces = extract_faces(film(make, 110))
    assert not faces.found[42:68].any()
    assert place(faces, 20) < 350
    assert place(faces, 100) < 350
    assert not says(faces, "another person is followed")


@pytest.mark.parametrize(
    ("said", "x"),
    [("left", 170), ("right", 600), ("1", 170), ("2", 400), ("600,150", 600), ("170,160@30", 170)],
)
def test_the_user_may_choose(said, x):
    def make(i):
        people = [("ben", 40, 0.9), ("anna", 290, 1.0), ("cleo", 520, 0.9)]
        return scene(*((name, at + sway(i), size) for name, at, size in people), width=820)

    faces = extract_faces(film(make, 60), choice=parse_face_choice(said))
    assert faces.found.mean() > 0.9
    assert abs(place(faces, 50) - x) < 60


@pytest.mark.parametrize("said", ["3", "20,20@10", "400,150@5000"])
def test_a_face_that_is_not_there_is_an_error_that_names_those_that_are(said):
    source = film(lambda i: scene(("anna", 60 + sway(i), 1.0)), 40)
    with pytest.raises(NoFaceError, match=f"--face {said}.* the faces seen are 1: x ") as caught:
        extract_faces(source, choice=parse_face_choice(said))
    assert "\n" not in str(caught.value)


@given(st.floats(0, 5000), st.floats(0, 5000), st.none() | st.integers(0, 10**8))
def test_a_choice_is_read_as_it_is_written(x, y, frame):
    place = FaceChoice("place", x=round(x, 1), y=round(y, 1), frame=frame)
    for choice in (place, FaceChoice("number", number=7), FaceChoice("left"), FaceChoice()):
        assert parse_face_choice(str(choice)) == choice


@pytest.mark.parametrize("text", ["", "0", "-1", "middle", "3,", "1,2@", "1,2@x", "1;2", "9" * 50])
def test_other_words_are_refused(text):
    with pytest.raises(ValueError, match="expected largest, left, right, a number"):
        parse_face_choice(text)


def test_people_are_known_by_their_looks():
    from napari_mespot.face.detection import FaceDetector
    from napari_mespot.face.geometry import frame_face
    from napari_mespot.face.landmarks import Landmarker, region_of_detection
    from napari_mespot.face.template import aligned_view

    detector, landmarker = FaceDetector(), Landmarker()

    def look(picture):
        (face,) = detector.detect(picture)
        points = landmarker.measure_careful(picture, region_of_detection(face)).points
        return look_of(aligned_view(picture, frame_face(points)))

    darker = {name: (0.5 * portrait(name) + 20).astype(np.uint8) for name in NAMES}
    looks = {name: look(portrait(name)) for name in NAMES}
    for name in NAMES:
        assert look(darker[name]) @ looks[name] > SAME
        assert all(looks[name] @ looks[other] < ANOTHER for other in NAMES if other != name)


def test_a_photograph_is_still_and_a_head_is_not():
    box = np.array([80.0, 60.0, 220.0, 220.0])
    for moves, still in ((0, True), (2, False)):
        patch = StillPatch()
        for image in film(
            lambda i, moves=moves: scene(("anna", 10 + sway(i, moves), 1.0)), 8
        ).frames:
            patch.look(image, box)
        assert patch.is_still == still


def test_a_picture_that_is_upside_down_is_not_followed_but_told():
    upright = film(lambda i: scene(("anna", 250 + sway(i), 1.0), width=700), 20)
    turned = replace(upright, frames=[np.ascontiguousarray(f[::-1, ::-1]) for f in upright.frames])
    faces = extract_faces(turned)
    assert not faces.found.any()
    assert says(faces, "turned by 180", "upside down")
    assert extract_faces(ArraySource(upright.frames)).warnings == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: (0.1 * f).astype(np.uint8), ("too dark", "contrast", "grey levels")),
        (lambda f: (0.08 * f + 120).astype(np.uint8), ("too flat", "contrast")),
        (lambda f: np.clip(1.4 * f + 40, 0, 235).astype(np.uint8), ("blown out",)),
    ],
)
def test_a_face_without_light_or_contrast_is_told_once(change, words):
    source = film(lambda i: scene(("anna", 250 + sway(i), 1.0), width=700), 40)
    faces = extract_faces(replace(source, frames=[change(f) for f in source.frames]))
    assert says(faces, *words)
    assert len(faces.warnings) == 1
    assert not extract_faces(source).warnings


@pytest.mark.parametrize(("size", "told"), [(0.35, True), (0.9, False)])
def test_a_face_of_few_pixels_is_told(size, told):
    faces = extract_faces(film(lambda i: scene(("anna", 250 + sway(i), size), width=500), 30))
    assert faces.found.all()
    assert says(faces, "the face is small", "pixels wide") == told
