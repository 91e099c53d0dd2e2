"""What a video is called, and when two names stand for one video."""

import unicodedata
from importlib import resources
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.model import (
    VIDEO_ENDINGS,
    Annotation,
    VideoNames,
    same_video,
    video_name,
    without_ending,
)

TYPED, FROM_A_MAC = (unicodedata.normalize(form, "Jörg_Größe") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("d18", "d18.mp4", True),
        ("d18.MP4", "d18.mp4", True),
        ("d18.mkv", "d18.mp4", False),
        ("d18", "D18", False),
        ("take.2", "take.2.avi", True),
        ("take.2", "take", False),
        (TYPED, FROM_A_MAC + ".MOV", True),
        (".mp4", "", False),
        ("a/.mp4", "a/", False),
    ],
)
def test_same_video(one, other, same):
    assert same_video(one, other) == same_video(other, one) == same


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("file:///films/a%20b/d18.mp4", "d18"),
        (r"C:\films\d18.AVI", "d18"),
        ("films/take.2/", "take.2"),
        ("d18.notes", "d18.notes"),
        (FROM_A_MAC + ".webm", TYPED),
    ],
)
def test_the_name_in_a_path(place, name):
    assert video_name(place) == name


@given(st.text(min_size=1, max_size=8), st.sampled_from(sorted(VIDEO_ENDINGS)))
def test_an_ending_never_changes_the_video(name, ending):
    if name.endswith(("/", "\\")):
        return  # a folder, and a file that has nothing but an ending
    composed = unicodedata.normalize("NFC", name)
    assert without_ending(name + ending.upper()) == composed
    assert same_video(name, name + ending) or without_ending(name) != composed


def test_names_are_found_from_the_strictest_form_to_the_loosest():
    names = VideoNames(["d18.mp4", "d18", "s1/anger", "s2/anger", "b.mkv", FROM_A_MAC])
    assert names.find("d18.mp4") == "d18.mp4"
    assert names.find("d18") == "d18"
    assert names.find("b") == names.find("b.MKV") == "b.mkv"
    assert names.find("b.avi") is None
    assert names.find("s2/anger.mp4") == "s2/anger"
    assert names.find("anger") is None  # of two people
    assert names.find(TYPED) == FROM_A_MAC
    assert VideoNames(["d18.mp4", "d18.avi"]).find("d18") is None
    assert VideoNames(["clip"]).find("D:\\films\\clip.mp4") == "clip"


def test_an_annotation_keeps_the_composed_name():
    assert Annotation(FROM_A_MAC) == Annotation(TYPED)
    assert Annotation("a", subject_id=FROM_A_MAC).subject_id == TYPED


def test_the_viewer_offers_to_open_every_kind_of_video():
    manifest = yaml.safe_load((resources.files("napari_mespot") / "napari.yaml").read_text())
    (reader,) = manifest["contributions"]["readers"]
    patterns = {p.removeprefix("*") for p in reader["filename_patterns"]}
    assert patterns - VIDEO_ENDINGS == {".mespot", ".intervals.csv", ".labels.csv", ".tif", ".tiff"}
    assert patterns >= VIDEO_ENDINGS


def test_no_other_list_of_endings_is_kept():
    """Five lists with five contents were kept once."""
    package = Path(str(resources.files("napari_mespot")))
    listing = [p.name for p in package.rglob("*.py") if '".mkv"' in p.read_text(encoding="utf-8")]
    assert listing == ["video_names.py"]
