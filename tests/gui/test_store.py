"""Sessions on the disk: taken up again, locked, backed up, and never lost."""

import json
import os
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
from tests.gui.reviews import N_FRAMES, RATE, prediction, review_of, scores_with_peaks

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.gui.review import Review
from napari_mespot.gui.session_file import SavedSession, read_session, write_session
from napari_mespot.gui.store import open_session, saved_session_of, session_path

ONE, TWO = prediction(1, 9), prediction(20, 30)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"only its place matters here")
    return SimpleNamespace(path=path, video_id="v", n_frames=N_FRAMES, frame_rate=RATE)


def crash(store):
    """Let go of everything as the system does when a process dies."""
    store._journal.close()
    store._place.lock.release()


A_SCORES, B_SCORES = scores_with_peaks((3, 9, 0.9)), scores_with_peaks((30, 49, 0.8))


def spot(session, scores, checkpoint):
    session.set_scores(scores, session.review.rules, checkpoint)


def run_of(session):
    review = session.review
    return review.items, review.rules, session.whole_scores, session.checkpoint


def test_after_a_crash_each_run_has_its_own_scores(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    first = run_of(session)
    spot(session, B_SCORES, "b")
    second = run_of(session)
    session.undo()
    crash(store)
    session, store, _ = open_session(video, review_of())
    assert run_of(session) == first
    session.undo()  # of the undo
    assert run_of(session) == second
    session.undo()
    assert run_of(session) == first
    crash(store)
    session, store, _ = open_session(video, review_of())
    assert run_of(session) == first
    store.close()
    session, store, _ = open_session(video, review_of())
    assert run_of(session) == first
    store.close()


def test_a_crash_after_a_save_between_two_runs(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    first = run_of(session)
    store.save()
    spot(session, B_SCORES, "b")
    second = run_of(session)
    session.undo()
    crash(store)
    session, store, _ = open_session(video, review_of())
    assert run_of(session) == first, "its numbers lie in the session file"
    session.undo()
    assert run_of(session) == second
    store.close()


def test_the_numbers_of_a_run_are_written_once(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    spot(session, B_SCORES, "b")
    size = store._journal.path.stat().st_size
    for _ in range(5):
        session.undo()
        session.redo()
    text = store._journal.path.read_text()
    assert text.count('"signal"') == 2
    assert store._journal.path.stat().st_size > size
    store.close()


def test_scores_that_are_nowhere_are_told_and_not_those_of_another_run(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    store.save()
    spot(session, B_SCORES, "b")
    store.save()
    session.commit(replace(session.review, items=()), "empty")
    crash(store)
    store.path.with_name(f"{store.path.name}.bak1").replace(store.path)  # the one of run a
    session, store, notices = open_session(video, review_of())
    assert (session.scores, session.checkpoint) == (None, "b")
    assert any("scores of b" in text for text in notices)
    store.close()


def test_a_damaged_journal_that_is_begun_anew_keeps_the_scores_of_its_steps(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    spotted = run_of(session)
    crash(store)
    with store._journal.path.open("ab") as file:
        file.write(b"rubbish\n")
    session, store, notices = open_session(video, review_of())
    assert run_of(session) == spotted
    assert any("damaged" in text for text in notices)
    crash(store)
    session, store, notices = open_session(video, review_of())
    assert run_of(session) == spotted, "its numbers lie in no session file yet"
    store.close()


def test_a_journal_of_an_earlier_version_goes_on_with_the_scores_of_the_file(video):
    session, store, _ = open_session(video, review_of())
    spot(session, A_SCORES, "a")
    store.save()
    session.commit(replace(session.review, items=()), "empty")
    crash(store)
    header, *steps = store._journal.path.read_text().splitlines()
    document = json.loads(header)
    del document["scores"]
    lines = (json.dumps(document), *steps)
    store._journal.path.write_text("".join(f"{line}\n" for line in lines))
    session, store, notices = open_session(video, review_of())
    assert session.whole_scores == A_SCORES
    assert session.checkpoint == "a"
    assert len(notices) == 1
    store.close()


def test_a_session_is_found_as_it_was_left(video):
    session, store, notices = open_session(video, review_of())
    assert not notices
    session.coder = "AB"
    scores = scores_with_peaks((3, 9, 0.9))
    left = replace(review_of(ONE), scores=scores, checkpoint="synthetic-v1")
    session.commit(left, "one")
    assert not store.is_saved
    store.close()
    session, store, notices = open_session(video, review_of())
    assert (session.review, session.coder, notices) == (left, "AB", ())
    assert (session.scores, session.checkpoint) == (scores, "synthetic-v1")
    assert store.is_saved
    store.close()


def test_looking_leaves_no_session_file(video):
    _, store, _ = open_session(video, review_of())
    store.close()
    assert list(video.path.parent.iterdir()) == [video.path]


def test_after_a_crash_the_work_is_there_and_can_be_undone(video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    store.save()
    session.commit(review_of(ONE, TWO), "two")
    crash(store)
    session, store, notices = open_session(video, review_of())
    assert session.review == review_of(ONE, TWO)
    assert "1 step that had not been saved" in notices[0]
    assert not store.is_saved
    session.undo()
    assert session.review == review_of(ONE)
    crash(store)
    session, store, _ = open_session(video, review_of())
    assert session.review == review_of(ONE), "a second crash loses nothing either"
    store.close()


def test_a_crash_before_the_first_save(video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    crash(store)
    session, store, notices = open_session(video, review_of())
    assert session.review == review_of(ONE)
    assert len(notices) == 1
    store.close()
    assert read_session(session_path(video.path)).review == review_of(ONE)


def test_a_crash_between_session_file_and_journal(video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    write_session(store.path, SavedSession(session.review, video.path, number=1))
    crash(store)
    session, store, notices = open_session(video, review_of())
    assert session.review == review_of(ONE)
    assert not notices, "the file holds all that the journal holds"
    store.close()


def test_a_second_window_is_warned_and_loses_nothing(video):
    first, store_1, _ = open_session(video, review_of())
    second, store_2, notices = open_session(video, review_of())
    assert "another window" in notices[0]
    first.commit(review_of(ONE), "one")
    second.commit(review_of(TWO), "two")
    store_1.close()
    store_2.close()
    assert read_session(store_1.path).review == review_of(ONE)
    assert read_session(store_2.path).review == review_of(TWO)
    assert store_1.path != store_2.path


def test_five_backups_are_kept(video):
    session, store, _ = open_session(video, review_of())
    for n in range(8):
        session.commit(review_of(prediction(n * 10, n * 10 + 5)), str(n))
        store.save()
    store.close()
    path = session_path(video.path)
    kept = [read_session(path.with_name(f"{path.name}.bak{i}")).review for i in range(1, 6)]
    assert [r.items[0].onset for r in kept] == [60, 50, 40, 30, 20]
    assert not path.with_name(f"{path.name}.bak6").exists()


def test_another_frame_rate_given_by_the_user_counts(video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    store.close()
    video.frame_rate = Fraction(200)
    session, store, _ = open_session(video, replace(review_of(), frame_rate=Fraction(200)))
    assert session.review.frame_rate == 200
    store.close()


def test_a_video_that_has_changed_is_told(video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    store.close()
    video.n_frames = 200
    with pytest.raises(AnnotationFormatError, match="the video has changed"):
        open_session(video, Review("v", 200, RATE))
    video.n_frames = N_FRAMES
    open_session(video, review_of())[1].close()


def test_a_damaged_session_file_names_its_backup(video):
    session, store, _ = open_session(video, review_of())
    for item in (ONE, TWO):
        session.commit(review_of(item), "step")
        store.save()
    store.close()
    path = session_path(video.path)
    path.write_text(path.read_text()[:200])
    with pytest.raises(AnnotationFormatError, match="a backup lies beside it"):
        open_session(video, review_of())
    assert saved_session_of(video.path) is None


@pytest.mark.parametrize("text", ["", "[]", '{"format": "other"}', "null", "{"])
def test_a_foreign_session_file_is_told(tmp_path, text):
    path = tmp_path / "x.mespot"
    path.write_text(text)
    with pytest.raises(AnnotationFormatError, match="expected a session file"):
        read_session(path)


def test_a_moved_folder_keeps_its_video(tmp_path, video):
    session, store, _ = open_session(video, review_of())
    session.commit(review_of(ONE), "one")
    store.close()
    saved = read_session(store.path)
    assert saved.find_video(store.path) == video.path
    assert not saved.video.is_absolute()


def test_a_place_that_cannot_be_written_to(video, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(OutputError, match="folder for the session"):
        open_session(video, review_of(), path=in_the_way / "sub" / "v.mespot")


def test_read_only_folders_leave_sessions_with_the_user(video, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda *a, **k: False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert (tmp_path / "data") in session_path(video.path).parents
