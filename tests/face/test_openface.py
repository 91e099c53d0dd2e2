from fractions import Fraction

import cv2
import numpy as np
import pytest
from tests.face.conftest import ArraySource

from napari_mespot.errors import FrameReadError
from napari_mespot.face import extract_faces
from napari_mespot.face.geometry import (
    RIGID_INDICES,
    RIGID_POINTS,
    apply_transform,
    compose,
    invert,
)
from napari_mespot.face.openface import read_openface
from napari_mespot.face.openface_table import read_openface_table
from napari_mespot.face.still import hold_still


@pytest.fixture(scope="module")
def clip(film, head_motion):
    """A moving face, and the same as OpenFace would see it: landmarks that tremble."""
    source = ArraySource(film(head_motion(30), noise=2.0))
    return source, extract_faces(source)


def landmarks(faces, trembling=0.0):
    """(n, 24, 2) rigid points of every frame, as a table would hold them."""
    rng = np.random.default_rng(3)
    points = np.array([apply_transform(invert(t), RIGID_POINTS) for t in faces.transforms])
    return points + rng.normal(0, trembling, points.shape)


def write_table(path, points, *, space=" ", face_ids=(0,), failed=(), rate=30.0):
    names = [f"x_{i}" for i in range(68)] + [f"y_{i}" for i in range(68)]
    head = ["frame", *(["face_id"] if face_ids else []), "timestamp", "confidence", "success"]
    lines = [f",{space}".join(head + names)]
    for frame, rigid in enumerate(points):
        every = np.zeros((68, 2))
        every[RIGID_INDICES] = rigid
        coordinates = [f"{value:.6f}" for value in [*every[:, 0], *every[:, 1]]]
        for face in face_ids or (None,):
            success = int(frame not in failed) if face in (None, 0) else int(frame < 3)
            start = [str(frame + 1), *([] if face is None else [str(face)])]
            start += [f"{frame / rate:.3f}", "0.98" if success else "0.1", str(success)]
            lines.append(f",{space}".join(start + coordinates))
    path.write_text("\n".join(lines) + "\n")
    return path


def write_images(folder, images, *, skip=(), face=0):
    folder.mkdir(exist_ok=True)
    for frame, image in enumerate(images):
        if frame not in skip:
            name = folder / f"frame_det_{face:02}_{frame + 1:06}.bmp"
            cv2.imwrite(str(name), np.repeat(image[..., None], 3, axis=2))
    return folder


@pytest.mark.parametrize("space", ["", " "])
@pytest.mark.parametrize("face_ids", [(0,), ()])
def test_reads_newer_and_older_tables(clip, tmp_path, space, face_ids):
    _, faces = clip
    path = write_table(tmp_path / "a.csv", landmarks(faces), space=space, face_ids=face_ids,
                       failed=(4,))  # fmt: skip
    table = read_openface_table(path)
    assert len(table.found) == 30
    assert np.flatnonzero(~table.found).tolist() == [4]
    assert table.confidence[4] == 0
    assert table.confidence[5] == pytest.approx(0.98)
    assert table.frame_rate == 30
    keep = table.found
    np.testing.assert_allclose(table.transforms[keep], faces.transforms[keep], atol=1e-3)


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(200)])
def test_the_frame_rate_comes_from_rounded_timestamps(clip, tmp_path, rate):
    _, faces = clip
    points = np.repeat(landmarks(faces), 8, axis=0)
    assert (
        read_openface_table(write_table(tmp_path / "a.csv", points, rate=float(rate))).frame_rate
        == rate
    )


def test_of_several_faces_the_most_frequent_is_kept(clip, tmp_path):
    _, faces = clip
    path = write_table(tmp_path / "a.csv", landmarks(faces), face_ids=(0, 1))
    table = read_openface_table(path)
    assert table.found.all()
    assert table.warnings == ("OpenFace saw 2 faces: kept face 0, in 30 frames",)


@pytest.mark.parametrize(
    "content", ["", "a,b\n1,2\n", "frame,confidence,success\n", "frame,confidence,success\nx,1,1\n"]
)
def test_what_is_no_table_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(FrameReadError, match="Expected an OpenFace table") as caught:
        read_openface_table(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(FrameReadError, match="Expected an OpenFace table"):
        read_openface_table(tmp_path / "missing.csv")


def test_reads_a_folder_and_its_table(clip, tmp_path):
    _, faces = clip
    folder = write_images(tmp_path / "s1_aligned", faces.images, skip=(0, 7))
    write_table(tmp_path / "s1.csv", landmarks(faces), failed=(9,))
    for path in (folder, tmp_path / "s1.csv"):
        read = read_openface(path, still=False)
        assert (read.video_id, read.n_frames, read.frame_rate) == ("s1", 30, 30)
        assert np.flatnonzero(~read.found).tolist() == [0, 7, 9]
        assert (read.images[0] == 0).all()
        np.testing.assert_array_equal(read.images[7], read.images[6])
        np.testing.assert_array_equal(read.images[12], faces.images[12])


def test_a_folder_alone_is_enough(clip, tmp_path):
    _, faces = clip
    folder = write_images(tmp_path / "s1_aligned", faces.images)
    read = read_openface(folder, still=False)
    assert read.found.all()
    assert any("30 per second" in text for text in read.warnings)
    assert read_openface(folder, frame_rate=Fraction(200)).frame_rate == 200


def test_a_table_alone_needs_the_video(clip, tmp_path):
    source, faces = clip
    path = write_table(tmp_path / "s1.csv", landmarks(faces))
    with pytest.raises(FrameReadError, match="give the video"):
        read_openface(path)
    read = read_openface(path, source, still=False)
    assert np.abs(read.images.astype(float) - faces.images).mean() < 0.1


def test_two_faces_in_a_folder(clip, tmp_path):
    _, faces = clip
    folder = write_images(tmp_path / "s1_aligned", faces.images)
    write_images(folder, faces.images[:5, ::-1], face=1)
    read = read_openface(folder, still=False)
    np.testing.assert_array_equal(read.images[2], faces.images[2])
    assert any("2 faces" in text for text in read.warnings)


def test_folders_that_are_not_openfaces_are_refused(clip, tmp_path):
    _, faces = clip
    with pytest.raises(FrameReadError, match="found nothing"):
        read_openface(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FrameReadError, match="frame_det"):
        read_openface(tmp_path / "empty")
    folder = write_images(tmp_path / "mixed_aligned", faces.images[:3])
    write_images(folder, [np.zeros((96, 96), np.uint8)], face=0)
    with pytest.raises(FrameReadError, match="one size"):
        read_openface(folder)
    (folder / "frame_det_00_000002.bmp").write_bytes(b"no image")
    with pytest.raises(FrameReadError, match="Expected an image"):
        read_openface(folder)


def test_trembling_crops_are_held_still(clip, film, head_motion, tmp_path):
    """Crops fitted to landmarks that tremble by half a pixel move four times less afterwards."""
    source, faces = clip
    path = write_table(tmp_path / "s1.csv", landmarks(faces, trembling=0.5))
    trembling = read_openface(path, source, still=False)
    held = hold_still(trembling)

    def motion(sequence):
        seen = [
            apply_transform(compose(t, invert(truth)), RIGID_POINTS)
            for t, truth in zip(sequence.transforms, faces.transforms, strict=True)
        ]
        return np.std(np.array(seen), axis=0).mean()

    assert motion(held) < motion(trembling) / 4
    assert motion(held) < 0.03


def test_the_images_of_the_person_are_taken_whatever_their_number(clip, tmp_path):
    """The numbers of two people change places at frame 10; so do those of their images."""
    _, faces = clip
    points = landmarks(faces)
    one = write_table(tmp_path / "one.csv", points, face_ids=()).read_text().splitlines()
    two = (
        write_table(tmp_path / "two.csv", points + np.array([800, 0]), face_ids=())
        .read_text()
        .splitlines()
    )
    lines = [one[0].replace("frame, ", "frame, face_id, ", 1)]
    folder = tmp_path / "s1_aligned"
    folder.mkdir()
    for frame in range(30):
        numbers = (0, 1) if frame < 10 else (1, 0)
        for number, table in zip(numbers, (one, two), strict=True):
            lines.append(table[frame + 1].replace(", ", f", {number}, ", 1))
        pictures = (faces.images[frame], faces.images[frame, ::-1])
        for number, picture in zip(numbers, pictures, strict=True):
            cv2.imwrite(str(folder / f"frame_det_{number:02}_{frame + 1:06}.bmp"), picture)
    (tmp_path / "s1.csv").write_text("\n".join(lines) + "\n")
    read = read_openface(folder, still=False)
    np.testing.assert_array_equal(read.images, faces.images)
    assert any("frame 10" in text for text in read.warnings)


def test_a_jump_is_a_break_of_the_sequence(clip, tmp_path):
    source, faces = clip
    points = landmarks(faces)
    points[12:] += np.array([400, 0])
    read = read_openface(write_table(tmp_path / "s1.csv", points), source)
    assert read.breaks == (12,)
    assert [chunk.breaks for chunk in read.chunks(8)] == [(), (12,), (), ()]
