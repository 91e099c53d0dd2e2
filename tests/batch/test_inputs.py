"""Which videos a user means, and what their results are called."""

from pathlib import Path

import pytest

from napari_mespot.batch import SpottingJob, find_openface, find_videos, name_videos
from napari_mespot.batch.identity import _place_of
from napari_mespot.errors import FrameReadError
from napari_mespot.frames.fingerprint import content_digest
from napari_mespot.io import write_result_table
from napari_mespot.model import Annotation


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


def result_of(video, out, name):
    """Leave a result that says which video it is of, as spotting does."""
    job = SpottingJob(video, out, name)
    facts = {"video": content_digest(job.path), "place": _place_of(job.path)}
    write_result_table(out / f"{name}.intervals.csv", [Annotation(name, n_frames=9)], facts)


def test_a_name_that_another_video_has_used_in_an_earlier_call_is_not_taken(tmp_path):
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "clip.mp4").write_bytes(folder.encode() * 10)
    out = tmp_path / "out"
    out.mkdir()
    first, second = tmp_path / "a" / "clip.mp4", tmp_path / "b" / "clip.mp4"
    result_of(first, out, "clip")
    assert name_videos([first], out) == (("clip",), ())
    (name,), (warning,) = name_videos([second], out)
    assert name == "b_clip"
    assert "'clip' too" in warning
    result_of(second, out, "b_clip")
    assert name_videos([second], out)[0] == ("b_clip",), "the same name when it is spotted again"
    second.rename(tmp_path / "c" / "clip.mp4")
    assert name_videos([tmp_path / "c" / "clip.mp4"], out)[0] == ("c_clip",)


def test_a_video_is_the_same_after_it_was_moved_or_changed_in_its_place(tmp_path):
    video, out = tmp_path / "clip.mp4", tmp_path
    video.write_bytes(b"as filmed")
    result_of(video, out, "clip")
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "clip.mp4"
    moved.write_bytes(b"as filmed")
    assert name_videos([moved], out) == (("clip",), ())
    video.write_bytes(b"cut shorter")
    assert name_videos([video], out) == (("clip",), ())


def test_a_table_that_does_not_say_its_video_is_left_to_the_check_before_writing(tmp_path):
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"as filmed")
    (tmp_path / "clip.intervals.csv").write_text("video,kind,onset,offset\nclip,ME,1,9\n")
    assert name_videos([video], tmp_path) == (("clip",), ())
    result_of(video, tmp_path, "clip")
    table = tmp_path / "clip.intervals.csv"
    table.write_bytes(table.read_bytes().replace(b"\n", b"\r\n") + b"clip,ME,1,,9\r\n")
    other = tmp_path / "x" / "clip.mp4"
    other.parent.mkdir()
    other.write_bytes(b"another person")
    assert name_videos([other], tmp_path)[0] == ("x_clip",), "also where a person went on with it"
