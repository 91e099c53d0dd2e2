"""What lies in the folder of the results: replaced if it is ours, else kept as it is."""

import os
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256

import numpy as np
import pytest

from napari_mespot.batch import SpottingJob, save_result, spot_videos
from napari_mespot.errors import OutputError
from napari_mespot.io import read_scores, read_table, result_facts, write_table
from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.spotting import SpottingResult
from napari_mespot.spotting.params import DetectionParams


def result(onset=10):
    """One ME that a network has found in two seconds."""
    values = np.full((60, 2), 0.1, np.float32)
    values[onset : onset + 6, 0] = 0.9
    signal = ScoreSignal(values, np.ones(60, np.bool_), Fraction(30), "clip")
    found = Expression(
        Interval(onset, onset + 5),
        ExpressionKind.MICRO,
        apex=onset + 2,
        score=0.9,
        status=ReviewStatus.PREDICTED,
        source="net",
    )
    return SpottingResult(signal, signal, Annotation("clip", 60, Fraction(30), (found,)))


def content(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def typed(column, text):
    """Return a change: another text in a cell of the first row."""

    def change(data):
        lines = data.decode().split("\n")
        header = next(i for i, line in enumerate(lines) if line.startswith("video,"))
        cells = lines[header + 1].split(",")
        cells[lines[header].split(",").index(column)] = text
        lines[header + 1] = ",".join(cells)
        return "\n".join(lines).encode()

    return change


CHANGES = {
    "onset": typed("onset", "11"),
    "apex beyond the interval": typed("apex", "99"),
    "action units": typed("action_units", "4B"),
    "coder": typed("coder", "AB"),
    "notes": typed("notes", "left side"),
    "seconds": typed("onset_s", "0.5"),
    "status": typed("status", "accepted"),
    "all rows removed": lambda data: data[: data.index(b"\nclip,") + 1],
    "a stray quotation mark": lambda data: data + b'clip,,"ME\n',
    "a spreadsheet": lambda data: data.replace(b",", b";").replace(b"\n", b"\r\n"),
    "an umlaut in another encoding": lambda data: (
        typed("notes", "müde")(data).decode().encode("cp1252")
    ),
    "comments removed": lambda data: data[data.index(b"video,") :],
    "a spreadsheet's own file": lambda data: b"PK\x03\x04" + data,
    "nothing left": lambda data: b"",
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_person_has_changed_is_kept_whole(tmp_path, change):
    table, *_ = save_result(result(), tmp_path, "clip")
    table.write_bytes(CHANGES[change](table.read_bytes()))
    before = content(tmp_path)
    with pytest.raises(OutputError, match="is kept and nothing is written"):
        save_result(result(30), tmp_path, "clip")
    assert content(tmp_path) == before


def test_a_reviewed_table_is_recognised_whatever_saved_it(tmp_path):
    table, *_ = save_result(result(), tmp_path, "clip")
    reviewed = typed("status", "accepted")(table.read_bytes()).decode()
    table.write_bytes(reviewed.replace(",", ";").encode("utf-8-sig"))
    with pytest.raises(OutputError, match="a person has reviewed"):
        save_result(result(30), tmp_path, "clip")


@pytest.mark.skipif(os.name == "nt", reason="permissions are others there")
def test_a_table_that_cannot_be_opened_is_kept(tmp_path):
    table = tmp_path / "clip.intervals.csv"
    table.symlink_to(table)
    with pytest.raises(OutputError, match="cannot be read"):
        save_result(result(), tmp_path, "clip")
    assert [p.name for p in tmp_path.iterdir()] == ["clip.intervals.csv"]


def test_what_nobody_has_touched_is_replaced(tmp_path):
    save_result(result(), tmp_path, "clip", detection=DetectionParams())
    first = content(tmp_path)
    save_result(result(30), tmp_path, "clip", detection=DetectionParams())
    second = content(tmp_path)
    assert first.keys() == second.keys() == {"clip.intervals.csv", "clip.scores.csv", "clip.png"}
    assert all(first[name] != second[name] for name in first)


def test_results_never_lie_beside_those_of_another_run(tmp_path):
    """The picture cannot be written: table and scores stay those of the first run too."""
    save_result(result(), tmp_path, "clip")
    before = content(tmp_path)
    (tmp_path / "clip.png").mkdir()
    with pytest.raises(OutputError, match=r"clip\.png"):
        save_result(result(30), tmp_path, "clip", detection=DetectionParams())
    assert content(tmp_path) == before


def test_a_table_knows_its_scores(tmp_path):
    table, scores = save_result(result(), tmp_path, "clip")
    assert result_facts(table.read_bytes())["scores"] == sha256(scores.read_bytes()).hexdigest()
    assert read_scores(scores).n_frames == 60


@pytest.fixture
def job(face_video, checkpoint, tmp_path):
    return SpottingJob(face_video, tmp_path / "out", "sitter", checkpoint, device="cpu", plot=False)


def test_a_table_that_is_reviewed_while_its_video_is_spotted_is_kept(job):
    labels = Annotation("sitter", 24, Fraction(30), reviewed=(Interval(0, 23),))
    table = job.out / "sitter.intervals.csv"
    (outcome,) = spot_videos([job], on_progress=lambda job, progress: write_table(table, [labels]))
    assert "a person has reviewed" in outcome.error
    assert read_table(table) == (labels,)
    assert [p.name for p in job.out.iterdir()] == [table.name]


def test_hand_typed_frames_stop_a_second_run_before_it_begins(job):
    (first,) = spot_videos([replace(job, threshold_mae=0.2)])
    table = first.files[0]
    table.write_bytes(table.read_bytes().replace(b"predicted", b"Predicted"))
    seen = []
    (second,) = spot_videos([job], on_progress=lambda job, progress: seen.append(progress))
    assert "was changed since" in second.error
    assert not seen
