"""Two windows on one video: what the second is told, and what it may do."""

from types import SimpleNamespace

import pytest
from tests.gui.reviews import N_FRAMES, RATE, prediction, review_of, scores_with_peaks

from napari_mespot.errors import OutputError
from napari_mespot.gui.other_window import OtherWindow
from napari_mespot.gui.session_file import read_session
from napari_mespot.gui.store import open_session

ONE, TWO, THREE = prediction(1, 9), prediction(20, 30), prediction(50, 60)


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "v.mp4"
    path.write_bytes(b"only its place matters here")
    return SimpleNamespace(path=path, video_id="v", n_frames=N_FRAMES, frame_rate=RATE)


@pytest.fixture
def windows(video):
    """Two windows; the first has saved one step and made another since."""
    first, store_1, _ = open_session(video, review_of())
    first.commit(review_of(ONE), "one")
    store_1.save()
    first.commit(review_of(ONE, TWO), "two")
    second, store_2, notices = open_session(video, review_of())
    told = []
    other = OtherWindow(second, store_2, told.append, lambda: told.append("changed"))
    yield SimpleNamespace(**locals())
    store_1.close()
    store_2.close()


def files(video):
    return sorted(p.name for p in video.path.parent.iterdir() if not p.name.startswith("."))


def test_the_first_window_is_offered_nothing(windows):
    assert not OtherWindow(windows.first, windows.store_1, print, print).offers


def test_the_notice_names_the_file_and_what_is_in_it(video, windows):
    (line,) = windows.notices
    assert line.is_of_other_window
    assert line.level == "warning"
    assert "v.mp4.2.mespot" in line
    assert "nothing of that work" in line
    windows.second.commit(review_of(THREE), "three")
    windows.store_2.close()
    again, store, (line,) = open_session(video, review_of())
    assert "an earlier state of its own" in line
    assert again.review == review_of(THREE)
    store.close()


def test_a_copy_goes_on_from_the_work_so_far_and_can_be_taken_back(windows):
    copy, _ = windows.other.offers
    copy.run()
    assert windows.second.review == review_of(ONE, TWO)
    windows.second.commit(review_of(ONE, TWO, THREE), "three")
    windows.store_2.close()
    assert read_session(windows.store_2.path).review == review_of(ONE, TWO, THREE)
    assert windows.first.review == review_of(ONE, TWO), "the first window has its own"
    windows.second.undo()
    windows.second.undo()
    assert windows.second.review == review_of()


def test_scores_are_copied_too(windows):
    scores = scores_with_peaks((3, 9, 0.9))
    windows.first.set_scores(scores, windows.first.review.rules, "synthetic-v1")
    windows.other.copy()
    assert windows.second.review == windows.first.review
    assert windows.second.whole_scores == scores


def test_looking_shows_the_work_and_changes_nothing(video, windows):
    before = files(video)
    _, look = windows.other.offers
    look.run()
    second = windows.second
    assert second.review == review_of(ONE, TWO)
    windows.told.clear()
    second.said.connect(windows.told.append)
    second.preview(review_of(THREE))
    second.commit(review_of(THREE), "three")
    second.undo()
    second.redo()
    assert second.shown == second.review == review_of(ONE, TWO)
    assert len(windows.told) == 3
    assert all("only looks" in text for text in windows.told)
    with pytest.raises(OutputError, match="looks only"):
        windows.store_2.save()
    windows.store_2.close()
    assert set(files(video)) == set(before) - {"v.mp4.2.mespot.journal"}


def test_what_the_second_window_had_of_its_own_stays_when_it_looks(video, windows):
    windows.second.commit(review_of(THREE), "three")
    windows.other.look()
    assert windows.second.review == review_of(ONE, TWO)
    windows.store_2.close()
    again, store, notices = open_session(video, review_of())
    assert again.review == review_of(THREE)
    assert any("here again" in text for text in notices)
    store.close()


def test_work_that_cannot_be_read_is_told(windows):
    windows.store_1.path.write_text("{")
    windows.other.copy()
    (line,) = windows.told
    assert line.level == "error"
    assert windows.second.review == review_of()
