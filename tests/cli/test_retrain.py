"""``mespot retrain`` and ``mespot checkpoints`` from folders of videos and labels."""

import json
from fractions import Fraction

import pytest
from tests.fixtures.face_clip import write_face_video

from napari_mespot.io import write_table
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval
from napari_mespot.network import read_document

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
N = 180
QUICK = [
    word
    for setting in (
        "steps=1",
        "batch_size=2",
        "replay_videos=1",
        "checked_drawn_videos=1",
        "thresholds=[0.5]",
        "resamples=100",
        "gap_s=0.1",
    )
    for word in ("--set", setting)
]


def annotation(name):
    micro = [Expression(Interval(10 + 40 * i, 18 + 40 * i), ME) for i in range(4)]
    macro = [Expression(Interval(25 + 40 * i, 44 + 40 * i), MAE) for i in range(3)]
    return Annotation(name, N, Fraction(30), (*micro, *macro), (Interval(0, N - 1),))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Videos of three people, and their labels."""
    videos, labels = tmp_path_factory.mktemp("videos"), tmp_path_factory.mktemp("labels")
    for name in ("anna", "ben", "carl"):
        write_face_video(videos / f"{name}.mp4", N)
        write_table(labels / f"{name}.intervals.csv", [annotation(name)])
    return videos, labels


@pytest.fixture
def arguments(folders, checkpoint):
    videos, labels = folders
    return ["--videos", videos, "--labels", labels, "--from", checkpoint, *QUICK]


def test_a_new_checkpoint_with_its_figures_and_its_parent(mespot, arguments, tmp_path):
    done = mespot("retrain", *arguments, "--out", "new.safetensors", "--seed", "3")
    assert done.returncode == 0, done.stderr
    assert "3 videos of 3 people, 0.3 reviewed minutes: 12 ME, 9 MaE, 0 reject" in done.stdout
    assert "; subject unknown in 3 videos: each counts as a person." in done.stdout
    assert "before" in done.stdout
    assert "changed: " in done.stdout
    assert "judged on other videos, perhaps of the same people" in done.stdout
    assert "keep the old checkpoint" in done.stdout
    assert done.stdout.splitlines()[-1] == "written: new.safetensors (not recommended)"
    document = read_document(tmp_path / "new.safetensors")
    assert document.name == "new"
    lineage = document.card["retrained"]
    assert lineage["seed"] == 3
    assert [d["video"] for d in lineage["data"]] == ["anna", "ben", "carl"]
    assert all(len(d["labels_sha256"]) == 64 for d in lineage["data"])

    listed = mespot("checkpoints", ".")
    assert listed.returncode == 0, listed.stderr
    row = next(line for line in listed.stdout.splitlines() if line.strip().startswith("new "))
    assert "3 videos, 0.3 min, 12 ME, 9 MaE" in row
    assert "(from random, not here)" in row
    assert row.endswith("no")


def test_a_child_stands_below_its_parent(mespot, arguments, checkpoint, tmp_path):
    first = mespot("retrain", *arguments, "--out", "first.safetensors", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["parent"]["name"] == "random"
    again = [*map(str, arguments), "--from", "first.safetensors", "--out", "second.safetensors"]
    assert mespot("retrain", *again).returncode == 0
    names = [line.split("  ")[0:2] for line in mespot("checkpoints", ".").stdout.splitlines()]
    lines = mespot("checkpoints", ".").stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("first"))
    assert lines[at + 1].startswith("  └ second"), names
    listed = json.loads(mespot("checkpoints", ".", "--json").stdout)["checkpoints"]
    by_name = {item["name"]: item for item in listed}
    assert by_name["second"]["retrained"]["parent"]["digest"] == by_name["first"]["digest"]


def test_shipped_checkpoints_are_listed(mespot):
    done = mespot("checkpoints")
    assert done.returncode == 0, done.stderr
    assert any(line.startswith("synthetic-v1") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("extra", "code", "text"),
    [
        (["--out", "new.pt"], 1, "ends in .safetensors"),
        (["--out", "nowhere/new.safetensors"], 1, "make it first"),
        (["--out", "there.safetensors"], 1, "exists already"),
        (["--out", "new.safetensors", "--set", "stepz=3"], 2, "stepz"),
        (["--out", "new.safetensors", "--set", "steps"], 2, "KEY=VALUE"),
        (["--out", "new.safetensors", "--set", "steps.x=1"], 2, "steps"),
        (["--out", "new.safetensors", "--recipe", "none.toml"], 2, "none.toml"),
        (["--out", "new.safetensors", "--set", "least_expressions=99"], 1, "got 21 in 3 videos"),
    ],
)
def test_what_does_not_fit_is_one_line(mespot, arguments, tmp_path, extra, code, text):
    (tmp_path / "there.safetensors").write_bytes(b"")
    done = mespot("retrain", *arguments, *extra)
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "new.safetensors").exists()


def test_a_folder_that_is_not_there(mespot):
    done = mespot("checkpoints", "nowhere")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
