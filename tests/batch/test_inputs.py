"""Which videos a user means, and what their results are called."""

from pathlib import Path

import pytest

from napari_mespot.batch import find_openface, find_videos, name_videos
from napari_mespot.errors import FrameReadError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(folder: Path, *names: str) -> list[str]:
    paths = [folder / name for name in names] or [folder]
    return [path.relative_to(folder).as_posix() for path in find_videos(paths)]


def test_a_file_is_a_video_whatever_it_is_called(tmp_path):
    touch(tmp_path, "clip.mp4", "clip.weird")
    assert found(tmp_path, "clip.weird", "clip.mp4", "none.mp4") == [
        "clip.weird",
        "clip.mp4",
        "none.mp4",
    ]


def test_a_folder_of_videos_stands_for_all_of_them(tmp_path):
    touch(tmp_path, "clip10.mp4", "clip2.AVI", "labels.csv", "clip2.png", ".hidden.mp4")
    assert found(tmp_path) == ["clip2.AVI", "clip10.mp4"]


def test_a_folder_of_images_is_one_video(tmp_path):
    touch(tmp_path, "session/img1.jpg", "session/img2.jpg", "session/notes.txt")
    assert found(tmp_path, "session") == ["session"]


def test_a_folder_of_image_folders_stands_for_them(tmp_path):
    touch(tmp_path, "s2/a.png", "s10/a.png", "empty/readme.txt", ".hidden/a.png")
    assert found(tmp_path) == ["s2", "s10"]


def test_a_folder_of_nothing_is_left_to_the_reader(tmp_path):
    (tmp_path / "empty").mkdir()
    assert found(tmp_path, "empty") == ["empty"]


def test_a_video_named_twice_is_spotted_once(tmp_path):
    touch(tmp_path, "a/clip.mp4")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "a" / "clip.mp4")
    assert found(tmp_path, "a/clip.mp4", "a", "link.mp4") == ["a/clip.mp4"]


def test_names_are_stems_and_folder_names(tmp_path):
    touch(tmp_path, "a.b.mp4", "session.1/img1.jpg")
    paths = [tmp_path / "a.b.mp4", tmp_path / "session.1"]
    assert name_videos(paths) == (("a.b", "session.1"), ())


def test_the_folder_one_stands_in_has_its_name(tmp_path, monkeypatch):
    touch(tmp_path, "session/img1.jpg")
    monkeypatch.chdir(tmp_path / "session")
    assert name_videos([Path()])[0] == ("session",)


def test_equal_names_are_told_apart_and_said(tmp_path):
    touch(tmp_path, "s1/clip.mp4", "s2/clip.mp4", "s2/clip.avi", "s2/Other.mp4", "s1_clip.mp4")
    paths = [tmp_path / p for p in ("s1/clip.mp4", "s2/clip.mp4", "s2/clip.avi", "s2/Other.mp4")]
    names, warnings = name_videos([*paths, tmp_path / "s1_clip.mp4"])
    assert names == ("s1_clip_2", "s2_clip", "s2_clip_2", "Other", "s1_clip")
    assert len(warnings) == 3
    assert "'s2_clip_2'" in warnings[2]


def test_names_that_differ_in_case_only_are_equal(tmp_path):
    touch(tmp_path, "a/Clip.mp4", "b/clip.mp4")
    names, _ = name_videos([tmp_path / "a/Clip.mp4", tmp_path / "b/clip.mp4"])
    assert names == ("a_Clip", "b_clip")


def test_what_openface_wrote_is_found_by_name(tmp_path):
    touch(tmp_path, "a_aligned/frame_det_00_000001.bmp", "b.csv")
    assert find_openface(tmp_path, "a") == tmp_path / "a_aligned"
    assert find_openface(tmp_path, "b") == tmp_path / "b.csv"
    assert find_openface(tmp_path / "a_aligned", "c") == tmp_path / "a_aligned"
    assert find_openface(tmp_path / "b.csv", "c") == tmp_path / "b.csv"
    with pytest.raises(FrameReadError, match="about c"):
        find_openface(tmp_path, "c")
