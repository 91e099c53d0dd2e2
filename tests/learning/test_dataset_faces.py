import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.fixtures.datasets import write_frames
from tests.fixtures.drawn_dataset import drawn_images
from tests.fixtures.face_files import labelled_faces

from napari_mespot.batch.aligning import align_dataset
from napari_mespot.errors import FrameReadError, NoFaceError
from napari_mespot.face import AlignParams
from napari_mespot.io.datasets import DatasetKind, DatasetVideo, SpottingDataset
from napari_mespot.learning.dataset_faces import align_video, labelled_file, open_corpus
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval

ALIGN = AlignParams()


def video(path: Path, n_frames: int | None = None) -> DatasetVideo:
    reviewed = () if n_frames is None else (Interval(0, n_frames - 1),)
    return DatasetVideo(
        path, Annotation("film", n_frames, Fraction(30), (), reviewed, subject_id="p1")
    )


@pytest.fixture
def film(tmp_path):
    """Twelve frames of a face, the fifth and sixth of which show none."""
    images = drawn_images(0)[:12].copy()
    images[5:7] = 90
    write_frames(tmp_path / "film", images, "img{:03}.jpg", first=1)
    return tmp_path / "film"


def test_a_frame_without_a_face_holds_the_last_one_and_says_so(film, tmp_path):
    file = align_video(video(film), ALIGN, tmp_path / "faces")
    (faces,) = open_corpus([labelled_file(video(film, 12), file)]).videos
    assert faces.images.shape == (12, 112, 112)
    assert faces.found is not None
    assert faces.found.sum() < 12
    lost = int(np.flatnonzero(~faces.found)[0])
    assert np.array_equal(faces.images[lost], faces.images[lost - 1])
    _, known = faces.targets()
    assert not known[lost].any()


def test_what_is_aligned_is_not_aligned_again_unless_the_video_changed(film, tmp_path):
    told = []
    folder = tmp_path / "faces"
    first = align_video(video(film), ALIGN, folder, told.append)
    assert told[-1].done == told[-1].total == 12
    told.clear()
    assert align_video(video(film), ALIGN, folder, told.append) == first
    assert not told
    os.utime(film / "img003.jpg", (1, 1))
    second = align_video(video(film), ALIGN, folder, told.append)
    assert told
    assert second.path != first.path


def test_a_video_that_shows_nobody_or_cannot_be_read_is_left_out(film, tmp_path):
    empty = np.full((6, 120, 120), 90, np.uint8)
    write_frames(tmp_path / "empty", empty, "img{:03}.jpg", first=1)
    with pytest.raises(NoFaceError, match="empty"):
        align_video(video(tmp_path / "empty"), ALIGN, tmp_path / "faces")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    videos = [
        replace(video(path), annotation=replace(video(path).annotation, video_id=path.stem))
        for path in (film, tmp_path / "empty", tmp_path / "broken.mp4")
    ]
    dataset = SpottingDataset("mine", DatasetKind.PLAIN, tuple(videos))
    aligned = align_dataset(dataset, ALIGN, tmp_path / "faces")
    assert [f.faces.video_id for f in aligned.files] == ["film"]
    assert len(aligned.warnings) == 2
    assert len(aligned.references) == 3  # what cannot be aligned still counts as missed
    with pytest.raises(FrameReadError, match="with faces"):
        align_dataset(replace(dataset, videos=tuple(videos[1:])), ALIGN, tmp_path / "faces")


def test_labels_past_the_last_frame_are_cut(tmp_path):
    faces = labelled_faces(tmp_path, "p1", n_frames=90).faces
    shown = (
        Expression(Interval(80, 99), ExpressionKind.MICRO, apex=95),
        Expression(Interval(95, 99), ExpressionKind.MACRO),
    )
    said = Annotation("film", 100, Fraction(30), shown, (Interval(0, 99),), subject_id="p1")
    file = labelled_file(DatasetVideo(tmp_path, said, (Interval(70, 99),)), faces)
    (kept,) = file.annotation.expressions
    assert (kept.interval, kept.apex) == (Interval(80, 89), None)
    assert file.annotation.reviewed == (Interval(0, 89),)
    assert file.hard == (Interval(70, 89),)


def test_videos_of_one_name_are_kept_apart(tmp_path):
    files = [labelled_faces(tmp_path, person) for person in ("a", "b")]
    same = [replace(f, faces=replace(f.faces, video_id="clip")) for f in files]
    assert [v.annotation.video_id for v in open_corpus(same).videos] == ["a/clip", "b/clip"]


def test_faces_that_are_gone_are_named(tmp_path):
    file = labelled_faces(tmp_path, "a")
    file.faces.path.unlink()
    with pytest.raises(FrameReadError, match="--faces"):
        file.load()
