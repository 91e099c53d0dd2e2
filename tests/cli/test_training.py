"""Training commands: what they refuse, and a submission from beginning to end."""

import csv

import pytest
from tests.fixtures.datasets import write_frames
from tests.fixtures.drawn_dataset import at_rate, build_drawn, drawn_images

from napari_mespot.cli import main

QUICK = (
    "training.steps=4",
    "training.batch_size=8",
    "validation.every_steps=2",
    "validation.batches=1",
    "calibration.me.cutoffs_hz=[5.0]",
    "calibration.mae.cutoffs_hz=[1.5]",
)
SETTINGS = [part for value in QUICK for part in ("--set", value)]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return build_drawn(tmp_path_factory.mktemp("drawn") / "cas", "cas_me2", people=2)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("loso", "cas_me3x", "--data", "DATA", "--out", "o"), 1, "cas_me2"),
        (("loso", "synthetic", "--data", "DATA", "--out", "o"), 1, "[data]"),
        (("loso", "cas_me2", "--data", "nowhere", "--out", "o"), 1, "nowhere"),
        (("loso", "samm_lv", "--data", "DATA", "--out", "o"), 1, "samm_lv"),
        (("loso", "cas_me2", "--data", "DATA", "--out", "o", "--subjects", "s99"), 1, "s15, s16"),
        (("loso", "cas_me2", "--data", "DATA", "--out", "o", "--set", "a.b=1"), 1, "--set"),
        (("loso", "cas_me2", "--data", "DATA", "--out", "o", "--device", "tpu"), 1, "tpu"),
        (("train", "cas_me2", "--out", "o"), 2, "--data"),
        (("train", "megc2022", "--out", "o", "--data", "DATA"), 1, "mespot submit"),
        (("submit", "cas_me2", "--data", "DATA", "--test", "DATA", "--out", "o"), 1, "--test"),
        (
            ("submit", "cas_me2", "--data", "a", "--test", "b", "--out", "o", "--year", "9"),
            2,
            "2023",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    data, arguments, code, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main([str(data) if a == "DATA" else a for a in arguments]) == code
    said_lines = capsys.readouterr().err.splitlines()
    (line,) = [text for text in said_lines if not text.startswith(("warning", "CAS(ME)²: "))]
    assert said in line


def test_a_submission_looks_for_everything_before_it_trains(mespot, data, tmp_path):
    """A data set or a part of the test set that is missing is told at once, not after hours."""
    write_frames(tmp_path / "test" / "001_2", drawn_images(3), "001_2_{:04}.jpg", first=1)
    samm = build_drawn(tmp_path / "samm", "samm_lv", people=2)
    one = mespot("submit", "megc2022", "--data", samm, "--test", "test", "--out", "o")
    assert one.returncode == 1
    assert "cas_me2" in one.stderr
    both = mespot(
        "submit", "megc2022", "--data", samm, "--data", data, "--test", "test", "--out", "o"
    )
    assert both.returncode == 1
    assert "expected videos with other names than 001_2" in both.stderr
    assert not [path for path in (tmp_path / "o").rglob("*") if path.is_file()]


def test_a_submission_names_every_test_video_that_has_predictions(mespot, data, tmp_path):
    images = drawn_images(3)
    write_frames(tmp_path / "test" / "sub01", images, "img{:03}.jpg", first=1)
    write_frames(tmp_path / "test" / "001_2", at_rate(images, 60), "001_2_{:04}.jpg", first=1)
    arguments = ("submit", "cas_me2", "--data", data, "--test", "test", "--out", "out", *SETTINGS)
    done = mespot(*arguments, "--device", "cpu")
    assert done.returncode == 0, done.stderr
    assert "no labels" in done.stdout
    for name, video in (("cas_pred.csv", "sub01"), ("samm_pred.csv", "001_2")):
        with (tmp_path / "out" / name).open() as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        assert reader.fieldnames == ["vid", "pred_onset", "pred_offset", "type"]
        assert {row["vid"] for row in rows} <= {video}
        assert (tmp_path / "out" / "cas_me2" / f"{video}.scores.csv").is_file()
    assert (tmp_path / "out" / "cas_me2" / "cas_me2.safetensors").is_file()


def test_one_person_cannot_be_left_out(mespot, tmp_path):
    alone = build_drawn(tmp_path / "alone", "cas_me2", people=1)
    done = mespot("loso", "cas_me2", "--data", alone, "--out", "o")
    assert done.returncode == 1
    assert "two people" in done.stderr
    trained = mespot("train", "cas_me2", "--data", alone, "--out", "o", *SETTINGS)
    assert trained.returncode == 0, trained.stderr  # nobody to watch
    assert not (tmp_path / "o" / "validation.csv").exists()
