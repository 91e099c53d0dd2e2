"""Leave one subject out on six drawn people, from label sheet and frames to the paper's table."""

import csv
import os
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from tests.fixtures.drawn_dataset import build_drawn

QUICK = (
    "training.steps=6",
    "training.batch_size=8",
    "training.save_every_steps=2",
    "validation.every_steps=3",
    "validation.batches=1",
    "calibration.me.cutoffs_hz=[5.0]",
    "calibration.mae.cutoffs_hz=[1.5]",
)
SETTINGS = [part for value in QUICK for part in ("--set", value)]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("drawn")
    return {kind: build_drawn(root / kind, kind) for kind in ("samm_lv", "cas_me2")}


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return tmp_path_factory.mktemp("faces")


def loso(mespot, kind, data, faces, *more):
    return mespot(
        "loso", kind, "--data", data[kind], "--out", "out", "--faces", faces, *SETTINGS, *more
    )


@pytest.mark.parametrize(
    ("kind", "more", "first"),
    [("samm_lv", (), "015"), ("cas_me2", ("--workers", "2"), "s15")],
)
def test_every_subject_is_tested_once_and_the_table_is_printed(
    mespot, data, faces, tmp_path, kind, more, first
):
    done = loso(mespot, kind, data, faces, *more)
    assert done.returncode == 0, done.stderr
    assert "| Yap et al. 2022, as printed | 0.1863 | 0.0409 | 0.1193 |" in done.stdout
    assert f"without {first}: " in done.stderr, "how far it is, without a terminal"
    for rule in ("strict", "megc2020", "softnet", "class-agnostic", "lgsnet", "abpn"):
        assert f"| here, rule {rule} |" in done.stdout
    out = tmp_path / "out"
    with (out / "subjects.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["subject"] for row in rows}) == 6
    assert sum(int(r["tp"]) + int(r["fn"]) for r in rows if r["kind"] == "ME") == 6
    for name in ("curves.png", "subjects.png", "subjects.md", "log.csv", "table.md"):
        assert (out / name).stat().st_size > 100
    assert (out / "folds" / first / "checkpoint.safetensors").is_file()
    evaluated = mespot(
        "evaluate", "--reference", out / "labels.csv", "--hypothesis", out / "predictions.csv"
    )
    assert evaluated.returncode == 0, evaluated.stderr


def test_a_person_whose_face_is_not_found_counts_as_missed(mespot, tmp_path):
    """Videos of noise, with labels: the subject is not tested, the labels are missed."""
    folder = build_drawn(tmp_path / "data", "cas_me2", people=3)
    noise = np.random.default_rng(0)
    for path in (folder / "rawpic" / "s17").rglob("*.jpg"):
        cv2.imwrite(str(path), noise.integers(0, 255, cv2.imread(str(path)).shape, np.uint8))
    done = loso(mespot, "cas_me2", {"cas_me2": folder}, tmp_path / "faces")
    assert done.returncode == 0, done.stderr
    assert "no face was aligned of s17" in done.stderr
    (about,) = [
        line for line in done.stdout.splitlines() if line.startswith("2 subjects, 3 videos")
    ]
    assert "of s17: their labels count as missed" in about
    tables = ("--reference", "out/labels.csv", "--hypothesis", "out/predictions.csv")
    evaluated = mespot("evaluate", *tables, "--scores", "out/folds")
    assert evaluated.returncode == 0, evaluated.stderr
    assert "frame level, 2 of 3 labelled videos" in evaluated.stdout


def start(environment, folder, *arguments):
    script = "import sys; from napari_mespot.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", script, *map(str, arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, cwd=folder, **quiet)


def kill_when(process, is_time):
    """End the process the hard way as soon as something is so."""
    until = time.monotonic() + 300
    while not is_time():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_folds_of_a_killed_run_are_not_repeated(mespot, environment, data, faces, tmp_path):
    subjects = ("--subjects", "s15,s16,s17")
    records = tmp_path / "out" / "records"
    arguments = ("loso", "cas_me2", "--data", data["cas_me2"], "--out", "out", "--faces", faces)
    process = start(environment, tmp_path, *arguments, *SETTINGS, *subjects)
    kill_when(process, lambda: records.is_dir() and any(records.glob("*.json")))
    done = loso(mespot, "cas_me2", data, faces, *subjects)
    assert done.returncode == 0, done.stderr
    assert "subject s15: was there" in done.stdout
    assert "subject s17: done" in done.stdout
    again = loso(mespot, "cas_me2", data, faces, *subjects)
    assert again.stdout.count("was there") == 3
    assert again.stdout.split("#", 1)[1] == done.stdout.split("#", 1)[1]


def test_a_killed_training_goes_on_to_the_same_weights(mespot, environment, data, faces, tmp_path):
    longer = ("--set", "training.steps=40", "--device", "cpu")
    arguments = ["train", "cas_me2", "--data", data["cas_me2"], "--faces", faces]
    arguments += [*SETTINGS, *longer]
    process = start(environment, tmp_path, *arguments, "--out", "cut")
    kill_when(process, lambda: (tmp_path / "cut" / "validation.csv").is_file())
    assert not (tmp_path / "cut" / "cas_me2.safetensors").exists()
    resumed = mespot(*arguments, "--out", "cut")
    assert resumed.returncode == 0, resumed.stderr
    whole = mespot(*arguments, "--out", "whole")
    assert whole.returncode == 0, whole.stderr
    name = "cas_me2.safetensors"
    assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    for name in ("log.csv", "validation.csv"):
        assert (tmp_path / "cut" / name).read_text() == (tmp_path / "whole" / name).read_text()
