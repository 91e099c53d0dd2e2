"""What users get wrong: one clear line, an exit code, no traceback."""

import pickle
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tests.fixtures.face_clip import write_face_video, write_video


def complaint(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line on standard error, warnings aside."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning:")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    assert done.returncode == code
    return lines[0]


# ------------------------------------------------------------------ videos


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def text(folder: Path) -> Path:
    (folder / "text.mp4").write_text("dear diary\n" * 500)
    return folder / "text.mp4"


def folder_without_images(folder: Path) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "notes.txt").write_text("none here")
    return folder / "docs"


def audio_only(folder: Path) -> Path:
    with av.open(str(folder / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100, layout="mono")
        for start in range(0, 44100, 1024):
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 44100, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return folder / "sound.mp4"


def zero_length(folder: Path) -> Path:
    """A video stream without a single picture."""
    return write_video(folder / "nothing.mkv", [])


def missing(folder: Path) -> Path:
    return folder / "gone.mp4"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (missing, "found nothing"),
        (empty, "empty"),
        (text, "video"),
        (folder_without_images, "no images"),
        (audio_only, "sound.mp4"),
        (zero_length, "nothing.mkv"),
    ],
)
def test_no_video(mespot, checkpoint, tmp_path, make, words):
    path = make(tmp_path)
    done = mespot("spot", path, "--out", "out", "--checkpoint", checkpoint)
    line = complaint(done)
    assert path.name in line
    assert words in line
    assert not list((tmp_path / "out").iterdir())
    assert path.name in complaint(mespot("info", path))


def test_a_video_without_a_face(mespot, checkpoint, tmp_path):
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 255, (96, 128, 3), np.uint8) for _ in range(8)]
    path = write_video(tmp_path / "noise.mp4", noise)
    line = complaint(mespot("spot", path, "--out", "out", "--checkpoint", checkpoint))
    assert "face" in line
    assert not list((tmp_path / "out").iterdir())


def test_a_video_of_one_frame_works(mespot, checkpoint, tmp_path):
    path = write_face_video(tmp_path / "still.mp4", n_frames=1)
    done = mespot("spot", path, "--out", "out", "--checkpoint", checkpoint)
    assert done.returncode == 0, done.stderr
    assert "still: 0 ME and 0 MaE in 1 frame at 30 fps" in done.stdout
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_in_a_batch_the_bad_ones_are_listed_at_the_end(mespot, checkpoint, face_video, tmp_path):
    bad = [text(tmp_path), missing(tmp_path)]
    done = mespot("spot", bad[0], face_video, bad[1], "--out", "out", "--checkpoint", checkpoint)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    *_, count, first, second = done.stderr.splitlines()
    assert count == "error: 2 of 3 videos failed:"
    assert "text.mp4" in first
    assert "gone.mp4" in second
    assert "sitter: " in done.stdout
    assert (tmp_path / "out" / "sitter.intervals.csv").is_file()


# -------------------------------------------------------------- checkpoints


def unreadable(folder: Path) -> Path:
    (folder / "noise.safetensors").write_bytes(bytes(range(256)) * 20)
    return folder / "noise.safetensors"


def foreign(folder: Path) -> Path:
    save_file({"weight": torch.zeros(3)}, folder / "foreign.safetensors")
    return folder / "foreign.safetensors"


def torch_pickle(folder: Path) -> Path:
    torch.save({"weight": torch.zeros(3)}, folder / "model.pth")
    return folder / "model.pth"


class Evil:
    """Unpickling it would leave a file behind."""

    def __reduce__(self):
        return (open, ("unpickled", "w"))


def disguised_pickle(folder: Path) -> Path:
    (folder / "model.safetensors").write_bytes(pickle.dumps(Evil()))
    return folder / "model.safetensors"


def no_checkpoint(folder: Path) -> Path:
    return folder / "none.safetensors"


@pytest.mark.parametrize(
    "make", [unreadable, foreign, torch_pickle, disguised_pickle, no_checkpoint]
)
def test_no_checkpoint(mespot, face_video, tmp_path, make):
    path = make(tmp_path)
    line = complaint(mespot("spot", face_video, "--out", "out", "--checkpoint", path))
    assert path.name in line
    if "pickle" in make.__name__:
        assert "pickle" in line
    assert not (tmp_path / "unpickled").exists()


def test_a_bad_checkpoint_is_told_once_for_a_whole_batch(mespot, face_video, tmp_path):
    (tmp_path / "more").mkdir()
    write_face_video(tmp_path / "more" / "b.mp4", n_frames=2)
    path = unreadable(tmp_path)
    complaint(mespot("spot", face_video, "more", "--out", "out", "--checkpoint", path))


# ------------------------------------------------------------ output folders


@pytest.mark.parametrize("out", ["file", "file/results", "/proc/mespot", "/dev/full/results"])
def test_no_output_folder(mespot, checkpoint, face_video, tmp_path, out):
    """What binds the root user too: a file in the way, and systems that take no files."""
    (tmp_path / "file").write_bytes(b"in the way")
    line = complaint(mespot("spot", face_video, "--out", out, "--checkpoint", checkpoint))
    assert "choose another with --out" in line
    assert (tmp_path / "file").read_bytes() == b"in the way"


@pytest.mark.parametrize("limit", [10, 2000])
def test_a_full_output_folder(mespot, checkpoint, face_video, tmp_path, limit):
    """A limit on the size of files stands for the room on the disk."""
    first = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    arguments = ("spot", face_video, "--out", "out", "--checkpoint", checkpoint, "--no-cache")
    line = complaint(mespot(*arguments, first=first))
    assert "File too large" in line
    assert all(p.stat().st_size <= limit for p in (tmp_path / "out").iterdir())
    assert not [p for p in (tmp_path / "out").iterdir() if p.name.startswith(".")]


def test_a_full_disk_behind_standard_output(mespot, tmp_path):
    (tmp_path / "a.csv").write_text("video,kind,onset,offset\n")
    with Path("/dev/full").open("w") as full:
        done = mespot(
            "evaluate",
            *("--reference", "a.csv", "--hypothesis", "a.csv", "--json"),
            capture_output=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert "standard output" in complaint(done)


# -------------------------------------------------------------- option values


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fps", "fast"], 2),
        (["--fps", "0"], 2),
        (["--fps", "1/0"], 2),
        (["--threshold-me", "2"], 2),
        (["--threshold-mae", "nan"], 2),
        (["--nonsense"], 2),
        (["--device", "tpu"], 1),
        (["--device", "cuda:99"], 1),
    ],
)
def test_unknown_option_values(mespot, checkpoint, face_video, arguments, code):
    done = mespot("spot", face_video, "--out", "out", "--checkpoint", checkpoint, *arguments)
    assert arguments[-1].lstrip("-") in complaint(done, code)


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["spot"],
        ["spot", "a.mp4"],
        ["info"],
        ["evaluate"],
        ["evaluate", "--reference", "a.csv"],
        ["evaluate", "--reference", "a", "--hypothesis", "b", "--rule", "loose"],
        ["evaluate", "--reference", "a", "--hypothesis", "b", "--iou", "0"],
        ["evaluate", "--reference", "a", "--hypothesis", "b", "--iou", "half"],
    ],
)
def test_a_command_line_that_cannot_be_understood(mespot, arguments):
    assert "--help" in complaint(mespot(*arguments), code=2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        ("", "empty file"),
        ("video,kind,onset\n", "add the missing: offset"),
        ("video,kind,onset,offset\nv,ME,1.5,3\n", "row 2, column onset"),
        ("video,kind,onset,offset\nv,ME,5,3\n", "row 2, column offset"),
    ],
)
def test_no_table(mespot, tmp_path, content, words):
    (tmp_path / "good.csv").write_text("video,kind,onset,offset\nv,ME,1,3\n")
    if content is not None:
        (tmp_path / "bad.csv").write_text(content)
    for sides in (("good.csv", "bad.csv"), ("bad.csv", "good.csv")):
        done = mespot("evaluate", "--reference", sides[0], "--hypothesis", sides[1], "--json")
        line = complaint(done)
        assert "bad.csv" in line
        assert words in line
        assert done.stdout == ""


def test_a_folder_without_tables(mespot, tmp_path):
    (tmp_path / "none").mkdir()
    done = mespot("evaluate", "--reference", "none", "--hypothesis", "none")
    assert "none: expected a folder with CSV files" in complaint(done)
