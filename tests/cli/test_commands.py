"""The commands as a user types them."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.fixtures.face_clip import face_frame

from napari_mespot import Annotation, __version__
from napari_mespot.io import read_scores, read_table, write_table

FIGURES = ("tp", "fp", "fn", "precision", "recall", "f1")


# --------------------------------------------------------------------- spot


def test_spot_writes_three_files_for_each_video(mespot, checkpoint, face_video, tmp_path):
    done = mespot("spot", face_video, "--out", "a/b", "--checkpoint", checkpoint)
    assert done.returncode == 0, done.stderr
    # What a network that has learned nothing finds may be of any length.
    assert all("left out as too short" in line for line in done.stderr.splitlines())
    out = tmp_path / "a" / "b"
    (annotation,) = read_table(out / "sitter.intervals.csv")
    assert annotation.n_frames == read_scores(out / "sitter.scores.csv").n_frames == 24
    assert (out / "sitter.png").read_bytes().startswith(b"\x89PNG")
    assert "in 24 frames at 30 fps" in done.stdout


def test_spot_as_json_writes_one_document_and_nothing_else(
    mespot, checkpoint, face_video, tmp_path
):
    arguments = ("--out", "out", "--checkpoint", checkpoint, "--fps", "30000/1001", "--no-plot")
    done = mespot("spot", face_video, "gone.mp4", *arguments, "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert (document["ok"], document["failed"]) == (1, 1)
    good, bad = document["outcomes"]
    assert (good["name"], good["frames"], good["frames_with_face"]) == ("sitter", 24, 24)
    assert good["fps"] == pytest.approx(29.97, abs=0.001)
    assert [Path(p).name for p in good["files"]] == ["sitter.intervals.csv", "sitter.scores.csv"]
    assert bad["ok"] is False
    assert "gone.mp4" in bad["error"]
    assert done.stderr.splitlines()[-1] == f"error: {bad['error']}"


def test_spot_says_and_takes_which_face_is_followed(mespot, checkpoint, face_video):
    options = (face_video, "--checkpoint", checkpoint, "--no-plot", "--out")
    done = mespot("spot", *options, "out", "--face", "left", "--json")
    assert done.returncode == 0, done.stderr
    (outcome,) = json.loads(done.stdout)["outcomes"]
    assert re.fullmatch(r"x \d+-\d+, y \d+-\d+ in frame 0, \d+ pixels wide", outcome["face"])
    assert f"face followed: {outcome['face']}" in mespot("spot", *options, "out").stdout
    missing = mespot("spot", *options, "other", "--face", "2")
    assert missing.returncode == 1
    assert "--face 2" in missing.stderr
    assert "the faces seen are 1" in missing.stderr
    for words in (("--face", "middle"), ("--face", "left", "--openface", ".")):
        refused = mespot("spot", *options, "other", *words)
        assert refused.returncode == 2
        assert "--face" in refused.stderr


def test_spot_of_folders_and_of_equal_names(mespot, checkpoint, face_video, tmp_path):
    import cv2

    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "clip.mp4").symlink_to(face_video)
    (tmp_path / "two" / "clip.mp4").unlink()
    (tmp_path / "two" / "clip.mp4").write_bytes(face_video.read_bytes())
    (tmp_path / "images").mkdir()
    for i in range(3):
        cv2.imwrite(str(tmp_path / "images" / f"img{i}.png"), face_frame()[:, :, ::-1])
    options = ("--out", "out", "--checkpoint", checkpoint, "--no-plot")
    done = mespot("spot", "one", "two", "images", *options)
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "images.intervals.csv",
        "images.scores.csv",
        "one_clip.intervals.csv",
        "one_clip.scores.csv",
        "two_clip.intervals.csv",
        "two_clip.scores.csv",
    ]
    warnings = done.stderr.splitlines()
    progress = [line for line in warnings if not line.startswith("warning: ")]
    assert [line.split(":")[0] for line in progress] == [
        "one_clip (1 of 3)",
        "two_clip (2 of 3)",
        "images (3 of 3)",
    ]
    assert any("'two_clip'" in line for line in warnings)
    assert any("30 fps is assumed" in line for line in warnings)


def test_a_name_that_is_no_text_does_not_end_the_program(mespot, checkpoint, face_video, tmp_path):
    name = os.path.join(os.fsencode(tmp_path), b"si\xfftter.mp4")
    try:
        os.symlink(face_video, name)
    except OSError:
        pytest.skip("this file system takes only text as names")
    arguments = ("--out", "out", "--checkpoint", checkpoint, "--json")
    done = mespot("spot", os.fsdecode(name), *arguments)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["outcomes"][0]["files"]) == 3


def test_interrupting_exits_with_130_and_leaves_nothing_half(
    environment, checkpoint, face_video, tmp_path
):
    """Interrupted as soon as the folder for the results is there, with plenty left to do."""
    for number in range(60):
        shutil.copy(face_video, tmp_path / f"sitter{number}.mp4")
    # Whoever runs the tests in the background may have told all of them to ignore Ctrl+C.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += "from napari_mespot.cli import main; sys.exit(main())"
    arguments = [
        "spot",
        str(tmp_path),
        "--no-cache",
        "--out",
        str(tmp_path / "out"),
        "--checkpoint",
        checkpoint,
    ]
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 300
        while not (tmp_path / "out").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        try:
            _, stderr = process.communicate(timeout=8)
        except subprocess.TimeoutExpired:  # Python loses a signal that comes inside a callback
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=300)
    assert process.returncode == 130
    *progress, last = stderr.splitlines()
    assert last == "error: interrupted"
    assert all(line.startswith("sitter") for line in progress)
    assert not [p for p in (tmp_path / "out").iterdir() if p.suffix == ".part"]


# ----------------------------------------------------------------- evaluate


@pytest.fixture
def labels(tmp_path: Path) -> None:
    """Five labels in three videos; the predictions know one video more and one fewer."""
    (tmp_path / "reference.csv").write_text(
        "video,kind,onset,offset,fps\n"
        "a,ME,10,19,200\na,MaE,100,199,200\n"
        "b,ME,10,19,200\nb,ME,40,49,200\n"
        "only labelled,MaE,0,99,200\n"
    )
    (tmp_path / "hypothesis").mkdir()
    (tmp_path / "hypothesis" / "a.intervals.csv").write_text(
        "video,kind,onset,offset\na,ME,12,21\na,MaE,100,149\na,MaE,500,600\n"
    )
    (tmp_path / "hypothesis" / "b.csv").write_text(
        "video;kind;onset;offset\nb;micro;10.0;19.0\nb;MaE;40;49\n"
    )
    write_table(
        tmp_path / "hypothesis" / "c.csv",
        [Annotation("no expressions"), Annotation("only predicted")],
    )
    (tmp_path / "hypothesis" / "a.scores.csv").write_text("frame,time_s,p_me,p_mae,found\n")


SIDES = ("--reference", "reference.csv", "--hypothesis", "hypothesis", "--allow-unmatched")


@pytest.mark.usefixtures("labels")
def test_evaluate_as_json(mespot):
    done = mespot("evaluate", *SIDES, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert list(document) == ["rule", "iou", "ME", "MaE", "overall"]
    assert (document["rule"], document["iou"]) == ("strict", 0.5)
    assert all(tuple(document[key]) == FIGURES for key in ("ME", "MaE", "overall"))
    assert document["ME"] == {
        "tp": 2,
        "fp": 0,
        "fn": 1,
        "precision": 1.0,
        "recall": 2 / 3,
        "f1": 0.8,
    }
    assert [document["MaE"][k] for k in ("tp", "fp", "fn")] == [1, 2, 1]
    assert [document["overall"][k] for k in ("tp", "fp", "fn")] == [3, 2, 2]
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    assert "only labelled" in done.stderr
    assert "only predicted" in done.stderr


@pytest.mark.usefixtures("labels")
def test_every_rule_can_be_asked_for(mespot):
    overall = {}
    for rule in ("strict", "megc2020", "softnet", "class-agnostic", "lgsnet", "abpn"):
        done = mespot("evaluate", *SIDES, "--rule", rule, "--iou", "0.5", "--json")
        document = json.loads(done.stdout)
        assert document["rule"] == rule
        overall[rule] = tuple(document["overall"][k] for k in ("tp", "fp", "fn"))
    assert overall == {
        "strict": (3, 2, 2),
        "megc2020": (3, 2, 2),
        "softnet": (3, 1, 1),  # at 200 fps without the MaE that begins in frame 0
        "class-agnostic": (3, 2, 2),
        "lgsnet": (4, 1, 1),
        "abpn": (2, 3, 3),
    }


@pytest.mark.usefixtures("labels")
def test_evaluate_for_people(mespot, tmp_path):
    done = mespot("evaluate", *SIDES)
    assert done.returncode == 0, done.stderr
    assert "rule strict, IoU 0.5, 5 videos" in done.stdout
    assert "0.8000" in done.stdout
    assert "prediction minus label" in done.stdout


def test_evaluate_of_frames(mespot, tmp_path):
    (tmp_path / "labels.csv").write_text("video,kind,onset,offset\nv,MaE,2,3\n")
    rows = [f"{i},{i / 25},0.1,{0.9 if i in (2, 3) else 0.2},1" for i in range(6)]
    (tmp_path / "v.scores.csv").write_text("\n".join(["frame,time_s,p_me,p_mae,found", *rows]))
    arguments = ("--reference", "labels.csv", "--hypothesis", "labels.csv", "--scores", ".")
    done = mespot("evaluate", *arguments)
    assert done.returncode == 0, done.stderr
    (line,) = [x for x in done.stdout.splitlines()[-1:] if x.startswith("MaE")]
    assert line.split() == ["MaE", "1.0000", "1.0000", "0.3333", "6", "6"]


def test_evaluate_finds_scores_in_the_folders_of_a_loso_run(mespot, tmp_path):
    (tmp_path / "labels.csv").write_text("video,kind,onset,offset\nv,MaE,2,3\nw,MaE,2,3\n")
    for fold, video in (("1", "v"), ("2", "w")):
        (tmp_path / "folds" / fold).mkdir(parents=True)
        rows = [f"{i},{i / 25},0.1,0.2,1" for i in range(6)]
        text = "\n".join(["frame,time_s,p_me,p_mae,found", *rows])
        (tmp_path / "folds" / fold / f"{video}.scores.csv").write_text(text)
    sides = ("--reference", "labels.csv", "--hypothesis", "labels.csv", "--scores", "folds")
    done = mespot("evaluate", *sides)
    assert done.returncode == 0, done.stderr
    assert "frame level, 2 of 2 labelled videos" in done.stdout
    (tmp_path / "folds" / "2" / "v.scores.csv").write_text("frame,time_s,p_me,p_mae,found\n")
    refused = mespot("evaluate", *sides)
    assert refused.returncode == 1
    assert "the scores of each video once" in refused.stderr


def test_evaluate_tells_repeats_and_shows_spot_then_recognise(mespot, tmp_path):
    head = "video,kind,onset,offset,emotion\n"
    labels = "v,ME,0,9,joy\nv,ME,20,29,joy\nv,ME,40,49,fear\n"
    (tmp_path / "labels.csv").write_text(head + labels)
    (tmp_path / "found.csv").write_text(
        head + "v,ME,0,9,joy\nv,ME,20,29,fear\nv,ME,40,49,fear\nv,ME,40,49,fear\n"
    )
    sides = ("--reference", "labels.csv", "--hypothesis", "found.csv")
    done = mespot("evaluate", *sides)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("warning: 1 prediction stands there more than once")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["overall", "0.7500", "0.6429"] in rows, "F1 6/7, precision and recall 3/4 on average"
    document = json.loads(mespot("evaluate", *sides, "--json").stdout)
    figures = document["spot_then_recognise"]["overall"]
    assert figures["strs"] == pytest.approx(6 / 7 * 3 / 4)
    (tmp_path / "plain.csv").write_text(head + labels.replace(",joy", ",").replace(",fear", ","))
    without = mespot("evaluate", "--reference", "labels.csv", "--hypothesis", "plain.csv")
    assert "STRS" not in without.stdout


# ------------------------------------------------------------ info and others


def test_info_of_a_video_and_of_a_checkpoint(mespot, checkpoint, face_video):
    document = json.loads(mespot("info", face_video, "--json").stdout)
    assert (document["frames"], document["fps"]) == (24, "30")
    assert (document["width"], document["height"]) == (240, 240)
    document = json.loads(mespot("info", checkpoint, "--json").stdout)
    assert document["checkpoint"] == "random"
    assert document["parameters"] > 10_000
    done = mespot("info", checkpoint)
    assert "  skip_me_s: 0.2" in done.stdout.splitlines()


def test_info_refuses_a_pickle(mespot, tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    done = mespot("info", "model.pt")
    assert done.returncode == 1
    assert "pickle" in done.stderr


def test_doctor_says_what_is_there_and_what_is_not(mespot):
    done = mespot("doctor", "--json")
    document = json.loads(done.stdout)
    assert done.returncode == (0 if document["ok"] else 1)
    states = {finding["name"]: finding["state"] for finding in document["findings"]}
    for name in ("napari-mespot", "numpy", "torch", "av", "codecs", "device", "cache"):
        assert states[name] == "ok"
    for finding in document["findings"]:
        assert finding["advice"] or finding["state"] == "ok" or finding["name"] == "display"


def test_doctor_decodes_and_spots_a_second_of_the_sample(mespot):
    found = {f["name"]: f for f in json.loads(mespot("doctor", "--json").stdout)["findings"]}
    assert found["spotting"]["state"] == "ok"
    assert "30 frames of the sample decoded, 30 with a face" in found["spotting"]["detail"]
    # A video library that opens files in another way, as its next version may.
    other = "import av; av.open = lambda *args: None"
    done = mespot("doctor", first=other)
    assert done.returncode == 1
    assert "not ready" in done.stdout
    assert "TypeError" in done.stdout


def test_doctor_survives_a_broken_library(mespot):
    broken = "import sys; sys.modules['torch'] = None; sys.modules['av'] = None"
    done = mespot("doctor", first=broken)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "not ready" in done.stdout
    assert "->" in done.stdout


def test_demo_without_the_viewer_says_how_to_get_it(mespot, tmp_path):
    hide = (
        "import napari_mespot.cli.app; sys.modules['napari_mespot.cli.demo'].has_viewer = lambda: 0"
    )
    done = mespot("demo", first=hide)
    assert done.returncode == 0, done.stderr
    assert "napari-mespot[napari]" in done.stdout.splitlines()[-1]


def test_review_without_the_viewer_says_how_to_get_it(mespot, face_video):
    hide = "import napari_mespot.cli.app as app\n"
    hide += "sys.modules['napari_mespot.cli.review'].has_viewer = lambda: False"
    done = mespot("review", face_video, first=hide)
    assert done.returncode == 1
    assert "napari-mespot[napari]" in done.stderr


def test_version_and_help(mespot):
    assert mespot("--version").stdout == f"mespot {__version__}\n"
    assert "--checkpoint" in mespot("spot", "--help").stdout
    nothing = mespot()
    assert nothing.returncode == 2
    for command in ("spot", "review", "convert", "info", "evaluate", "demo", "doctor"):
        assert command in nothing.stdout


def test_the_module_is_the_program(environment):
    command = [sys.executable, "-m", "napari_mespot", "--version"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("mespot ")
