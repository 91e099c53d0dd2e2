"""``mespot next`` on files as spotting and the viewer leave them."""

import json
import shlex
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from napari_mespot.gui.review import Review
from napari_mespot.gui.session_file import SavedSession, write_session
from napari_mespot.io import write_scores, write_table
from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)
from napari_mespot.network.metadata import DEFAULT_CHECKPOINT, read_document
from napari_mespot.spotting import find_in_scores

ME = ExpressionKind.MICRO
RATE, N = Fraction(30), 600
RULES = read_document().spotting
THRESHOLD = RULES.detection.me.threshold


WEAK, DOUBTFUL, SURE = 0.9 * THRESHOLD, 1.15 * THRESHOLD, 0.97


def scores(name: str, *bumps: tuple[int, float]) -> ScoreSignal:
    """ME scores near 0 with bumps of half a second (first frame, height)."""
    values = np.full((N, 2), 0.001, np.float32)
    for first, height in bumps:
        bump = height * np.sin(np.linspace(0, np.pi, 16))
        values[first : first + 16, 0] = np.maximum(bump, 0.001)
    return ScoreSignal(values, np.ones(N, np.bool_), RATE, name)


def save(folder: Path, signal: ScoreSignal, **changes) -> Annotation:
    folder.mkdir(exist_ok=True)
    found = find_in_scores(signal, RULES, source=DEFAULT_CHECKPOINT).annotation
    annotation = replace(found, **changes)
    write_table(folder / f"{signal.video_id}.intervals.csv", [annotation])
    write_scores(folder / f"{signal.video_id}.scores.csv", signal)
    return annotation


def json_of(mespot, *arguments) -> dict:
    done = mespot("next", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def results(tmp_path) -> Path:
    """A weak peak in one video; a doubtful prediction, and a sure one, in another."""
    folder = tmp_path / "results"
    save(folder, scores("anna", (100, WEAK), (300, SURE)))
    save(folder, scores("ben", (200, DOUBTFUL), (400, SURE)))
    return folder


def test_the_table_says_where_and_why(mespot, results):
    done = mespot("next", results)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["video", "frames", "time", "why", "corrections", "work"]
    assert {line.split()[1] for line in lines[1:3]} == {"anna", "ben"}
    assert "a weak ME" in done.stdout
    assert "a doubtful ME" in done.stdout
    assert "0:03." in next(line for line in lines if "a weak ME" in line)  # frame 100 at 30 fps
    assert "Name the folder of the videos too" in done.stdout
    assert done.stderr == ""


def test_json_has_the_same_with_every_doubt(mespot, results):
    document = json_of(mespot, results)
    assert [s["rank"] for s in document["stretches"]] == [1, 2, 3, 4][: len(document["stretches"])]
    assert document["stretches"][0]["video"] == "ben"
    weak = next(s for s in document["stretches"] if s["doubts"][0]["reason"] == "weak")
    assert weak["video"] == "anna"
    assert 104 <= weak["frame"] <= 111
    assert weak["onset"] <= weak["frame"] <= weak["offset"]
    assert weak["onset_s"] == pytest.approx(weak["onset"] / 30)
    assert weak["doubts"][0]["reason"] == "weak"
    assert weak["doubts"][0]["threshold"] == pytest.approx(THRESHOLD)
    assert [v["video"] for v in document["videos"]] == ["anna", "ben"]
    assert all(v["corrections"] > 0 for v in document["videos"])


def test_one_file_and_the_first_only(mespot, results):
    document = json_of(mespot, results / "ben.intervals.csv")
    assert {s["video"] for s in document["stretches"]} == {"ben"}
    assert len(json_of(mespot, results, "--top", "1")["stretches"]) == 1


def test_other_thresholds_move_the_doubt(mespot, results):
    reasons = {
        s["video"]: s["doubts"][0]["reason"]
        for s in json_of(mespot, results, "--threshold-me", "0.9")["stretches"]
    }
    # Now the sure one of anna is doubtful, and what was near the old threshold is far.
    assert reasons["anna"] == "doubtful"


def test_what_a_table_calls_reviewed_is_not_proposed(mespot, tmp_path):
    save(tmp_path / "r", scores("anna", (100, WEAK)), reviewed=(Interval(90, 130),))
    done = mespot("next", tmp_path / "r")
    assert done.stdout == "All settled: nothing uncertain is left to review.\n"


def test_a_corrected_table_beside_the_predictions_counts(mespot, results):
    reviewed = Annotation("anna", N, RATE, (), (Interval(0, N - 1),))
    write_table(results / "anna.corrected.intervals.csv", [reviewed])
    document = json_of(mespot, results)
    assert {s["video"] for s in document["stretches"]} == {"ben"}
    assert len(document["videos"]) == 2


def test_a_session_of_the_viewer_counts_and_gives_a_line_to_copy(mespot, results, tmp_path):
    videos = tmp_path / "my videos"
    videos.mkdir()
    for name in ("anna.mp4", "ben.mp4"):
        (videos / name).write_bytes(b"")
    review = Review("anna", N, RATE, reviewed=(Interval(0, 150),), rules=RULES)
    signal = scores("anna", (100, WEAK), (500, WEAK))
    write_session(
        videos / "anna.mp4.mespot",
        SavedSession(replace(review, scores=signal), videos / "anna.mp4"),
    )
    stretches = json_of(mespot, results, videos)["stretches"]
    by_video = {s["video"]: s for s in stretches}
    assert by_video["anna"]["frame"] > 500  # the one at 100 was seen, the other is new here
    session, table = (shlex.split(by_video[n]["command"]) for n in ("anna", "ben"))
    video = str(videos / "anna.mp4")
    assert session == ["mespot", "review", video, "--frame", str(by_video["anna"]["frame"])]
    assert table[3:5] == ["--predictions", str(results / "ben.intervals.csv")]
    shown = mespot("next", results, videos).stdout
    assert shlex.join(session) in shown.splitlines()
    assert shlex.join(table) in shown.splitlines()


def test_a_table_without_scores_is_ranked_by_its_own_and_told(mespot, tmp_path):
    doubtful = Expression(
        Interval(10, 20),
        ME,
        apex=15,
        score=1.05 * THRESHOLD,
        status=ReviewStatus.PREDICTED,
        source=DEFAULT_CHECKPOINT,
    )
    write_table(tmp_path / "a.intervals.csv", [Annotation("a", N, RATE, (doubtful,))])
    done = mespot("next", "a.intervals.csv")
    assert "a doubtful ME" in done.stdout
    assert done.stderr.startswith("warning: a: no score tracks")


def test_an_unknown_checkpoint_and_a_missing_rate_are_told(mespot, tmp_path):
    own = Expression(
        Interval(10, 20), ME, score=THRESHOLD, status=ReviewStatus.PREDICTED, source="ours"
    )
    write_table(tmp_path / "a.intervals.csv", [Annotation("a", N, RATE, (own,))])
    write_table(tmp_path / "b.intervals.csv", [Annotation("b", N, None, (own,))])
    done = mespot("next", ".")
    assert "checkpoint 'ours' is not one that is shipped" in done.stderr
    assert "no frame rate for b" in done.stderr
    assert "a doubtful ME" in done.stdout


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"{", "a damaged file"),
        (b'{"format": "other"}', "a file of another kind"),
        (b'{"format": "napari-mespot session", "version": 99}', "version 99"),
        (b'{"format": "napari-mespot session", "version": 1}', "a damaged file"),
    ],
)
def test_a_damaged_session_is_one_line(mespot, tmp_path, content, wanted):
    (tmp_path / "v.mp4.mespot").write_bytes(content)
    done = mespot("next", ".")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert wanted in line


def test_a_folder_without_results_says_what_to_do(mespot, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments in (["empty"], ["gone"], ["empty", "--top", "0"]):
        done = mespot("next", *arguments)
        assert done.returncode in {1, 2}
        assert done.stderr.startswith("error: ")
        assert len(done.stderr.splitlines()) == 1
    assert "mespot spot" in mespot("next", "empty").stderr
