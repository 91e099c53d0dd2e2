"""Batches: real videos in, files out; one failure does not stop the rest."""

import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import pytest
from tests.fixtures.face_clip import face_frame

from napari_mespot import Annotation, ExpressionKind, Interval, ReviewStatus
from napari_mespot.batch import JobOutcome, SpottingJob, spot_videos, with_thresholds
from napari_mespot.io import read_scores, read_table, write_table
from napari_mespot.progress import Cancelled, Progress
from napari_mespot.spotting import SpottingParams


@pytest.fixture
def job(face_video: Path, checkpoint: str, tmp_path: Path) -> SpottingJob:
    return SpottingJob(face_video, tmp_path / "out", "sitter", checkpoint=checkpoint, device="cpu")


def test_a_video_leaves_a_table_a_track_and_a_plot(job, tmp_path):
    (outcome,) = spot_videos([job])
    assert outcome.ok
    assert [path.name for path in outcome.files] == [
        "sitter.intervals.csv",
        "sitter.scores.csv",
        "sitter.png",
    ]
    assert sorted(p.name for p in job.out.iterdir()) == sorted(p.name for p in outcome.files)
    (annotation,) = read_table(outcome.files[0])
    assert (annotation.video_id, annotation.n_frames) == ("sitter", 24)
    assert annotation.frame_rate == 30
    assert annotation.reviewed == ()
    signal = read_scores(outcome.files[1])
    assert signal.n_frames == outcome.n_frames == 24
    assert signal.found.sum() == outcome.n_with_face == 24
    assert cv2.imread(str(outcome.files[2])) is not None
    for kind, n in ((ExpressionKind.MICRO, outcome.n_me), (ExpressionKind.MACRO, outcome.n_mae)):
        assert len(annotation.of_kind(kind)) == n


def test_one_failure_does_not_stop_the_others(job, tmp_path):
    (tmp_path / "text.mp4").write_text("this is no video")
    bad = replace(job, path=tmp_path / "text.mp4", name="text")
    gone = replace(job, path=tmp_path / "gone.mp4", name="gone")
    told: list[JobOutcome] = []
    outcomes = spot_videos([bad, job, gone], on_outcome=told.append)
    assert [outcome.ok for outcome in outcomes] == [False, True, False]
    assert tuple(told) == outcomes
    assert all("\n" not in outcome.error for outcome in outcomes)
    assert "gone.mp4" in outcomes[2].error
    assert not (job.out / "text.intervals.csv").exists()


def test_jobs_and_outcomes_travel(job):
    outcome = JobOutcome(job, error="no")
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_the_name_given_is_the_name_inside(job):
    (outcome,) = spot_videos([replace(job, name="s1_sitter", plot=False)])
    assert [path.name for path in outcome.files] == [
        "s1_sitter.intervals.csv",
        "s1_sitter.scores.csv",
    ]
    assert read_table(outcome.files[0])[0].video_id == "s1_sitter"


def test_frame_rate_and_thresholds_are_the_users(job):
    (outcome,) = spot_videos([replace(job, frame_rate=Fraction(200), threshold_mae=1.0)])
    assert outcome.frame_rate == 200
    assert outcome.n_mae == 0
    assert read_table(outcome.files[0])[0].frame_rate == 200


def test_lower_threshold_changes_in_proportion():
    params = with_thresholds(SpottingParams(), None, 0.2)
    assert params.detection.me == SpottingParams().detection.me
    assert params.detection.mae.threshold == 0.2
    assert params.detection.mae.low_threshold == pytest.approx(0.12)
    zero = with_thresholds(with_thresholds(SpottingParams(), 0.0, None), 0.5, None)
    assert zero.detection.me.low_threshold == 0.5


def test_a_second_run_replaces_the_first_and_uses_its_faces(job):
    (first,) = spot_videos([job])
    (second,) = spot_videos([job])
    assert second.ok
    assert read_scores(second.files[1]) == read_scores(first.files[1])


@pytest.mark.parametrize("change", ["accepted", "reviewed"])
def test_what_a_person_has_reviewed_is_never_replaced(job, change):
    (first,) = spot_videos([replace(job, plot=False, threshold_mae=0.2)])
    (annotation,) = read_table(first.files[0])
    if change == "reviewed":
        annotation = annotation.with_reviewed(Interval(0, 3))
    else:
        assert annotation.expressions, "a network of random weights scores near one half"
        accepted = replace(annotation.expressions[0], status=ReviewStatus.ACCEPTED)
        annotation = annotation.replaced(annotation.expressions[0], accepted)
    write_table(first.files[0], [annotation])
    (second,) = spot_videos([job])
    assert "a person has reviewed" in second.error
    assert read_table(first.files[0]) == (annotation,)


def test_a_table_of_somebody_else_is_replaced_only_if_it_says_nothing(job):
    job.out.mkdir()
    table = job.out / "sitter.intervals.csv"
    write_table(table, [Annotation("sitter", n_frames=24)])
    (outcome,) = spot_videos([replace(job, plot=False)])
    assert outcome.ok


def test_progress_is_told_and_cancelling_stops_the_batch(job):
    seen: list[tuple[str, Progress]] = []
    spot_videos([replace(job, plot=False)], on_progress=lambda j, p: seen.append((j.name, p)))
    assert seen[-1][0] == "sitter"
    assert seen[-1][1].done == seen[-1][1].total == 24

    def cancel(job: SpottingJob, progress: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        spot_videos([job, job], on_progress=cancel)


def test_faces_that_openface_has_aligned(job, tmp_path):
    folder = tmp_path / "sitter_aligned"
    folder.mkdir()
    face = cv2.resize(face_frame()[50:190, 50:190, ::-1], (112, 112))
    for number in range(1, 13):
        cv2.imwrite(str(folder / f"frame_det_00_{number:06}.bmp"), face)
    (outcome,) = spot_videos([replace(job, openface=folder, plot=False)])
    assert outcome.ok, outcome.error
    assert outcome.n_with_face == 12


def test_a_folder_that_cannot_be_made_is_an_outcome(job, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (outcome,) = spot_videos([replace(job, out=tmp_path / "file")])
    assert "choose another with --out" in outcome.error


def test_a_mistake_of_the_program_ends_one_video_and_leaves_its_traceback(job, monkeypatch):
    def broken(path, **options):
        raise ZeroDivisionError("never thought of")

    with monkeypatch.context() as patched:
        patched.setattr("napari_mespot.batch.spot_job.open_frames", broken)
        (outcome,) = spot_videos([job])
    assert "ZeroDivisionError: never thought of" in outcome.error
    assert "Traceback" in (job.out / f"{job.name}.error.txt").read_text()


def test_outcomes_are_json_values(job):
    document = JobOutcome(job, error="no", frame_rate=Fraction(25, 2)).as_dict()
    assert document["fps"] == 12.5
    assert document["ok"] is False
