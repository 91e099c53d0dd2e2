"""Full disks, damaged journals, text that no file can hold: nothing is lost without a word."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.gui.reviews import N_FRAMES, RATE, prediction, review_of

from napari_mespot.errors import OutputError
from napari_mespot.gui.edits import annotate
from napari_mespot.gui.review import Item
from napari_mespot.gui.session_file import SavedSession, read_session, write_session
from napari_mespot.gui.store import open_session, session_path
from napari_mespot.io import read_table, write_table
from napari_mespot.model import Expression, ExpressionKind, Interval

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


def backups(path):
    return [read_session(path.with_name(f"{path.name}.bak{i}")).number for i in range(1, 6)]


@pytest.fixture
def full_disk():
    """A disk that takes the first bytes of a large file only."""

    def fill():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))

    resource = pytest.importorskip("resource", reason="only POSIX limits the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_saves_that_fail_push_no_backup_out(video, full_disk):
    session, store, _ = open_session(video, review_of())
    for n in range(7):
        session.commit(review_of(prediction(n * 10, n * 10 + 5)), str(n))
        store.save()
    before = backups(store.path)
    session.commit(annotate(session.review, session.review.items[0].uid, notes="n" * 5000), "long")
    full_disk()
    for _ in range(6):
        with pytest.raises(OutputError, match="free space"):
            store.save()
    assert backups(store.path) == before
    assert read_session(store.path).number == 7
    assert not [p for p in store.path.parent.iterdir() if p.name.endswith(".part")]
    crash(store)


def test_a_backup_is_kept_once_where_only_the_last_move_fails(video, monkeypatch):
    session, store, _ = open_session(video, review_of())
    for n in range(7):
        session.commit(review_of(prediction(n * 10, n * 10 + 5)), str(n))
        store.save()
    session.commit(review_of(ONE), "one more")
    replace_file = Path.replace

    def held(self, target):  # as where another program holds the file open
        if Path(target) == store.path:
            raise PermissionError(13, "in use")
        return replace_file(self, target)

    monkeypatch.setattr(Path, "replace", held)
    for _ in range(4):
        with pytest.raises(OutputError, match="in use"):
            store.save()
    assert backups(store.path) == [7, 6, 5, 4, 3]
    monkeypatch.undo()
    store.close()
    assert read_session(store.path).review == review_of(ONE)


def test_backups_are_copies_where_the_disk_knows_no_links(video, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *a, **k: (_ for _ in ()).throw(OSError("no links")))
    session, store, _ = open_session(video, review_of())
    for n in range(3):
        session.commit(review_of(prediction(n * 10, n * 10 + 5)), str(n))
        store.save()
    store.close()
    kept = [store.path.with_name(f"{store.path.name}.bak{i}") for i in (1, 2)]
    assert [read_session(p).number for p in kept] == [2, 1]


def damaged(video, change, *, saved=0):
    """Leave a journal of five steps, `saved` of them in the session file, damaged by `change`."""
    session, store, _ = open_session(video, review_of())
    for n in range(5):
        if n and n == saved:
            store.save()
        item = Item(f"h{n}", Expression(Interval(n * 10, n * 10 + 5), ExpressionKind.MICRO))
        session.commit(session.review.with_items(item), str(n))
    crash(store)
    path = store._place.journal
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(change(lines)))
    return path


def onsets(session):
    return [item.onset for item in session.review.items]


def aside(journal):
    return journal.with_name(f"{journal.name}.damaged")


def first_line_torn(lines):
    return [b"\0" * 40 + lines[0][40:], *lines[1:]]


@pytest.mark.parametrize("saved", [0, 2])
def test_steps_behind_a_damaged_first_line_are_taken_up(video, saved):
    journal = damaged(video, first_line_torn, saved=saved)
    before = journal.read_bytes()
    session, store, notices = open_session(video, review_of())
    assert onsets(session) == [0, 10, 20, 30, 40]
    assert notices[-1].level == "warning"
    assert "first line cannot be read" in notices[-1]
    assert aside(journal).read_bytes() == before
    crash(store)
    session, store, notices = open_session(video, review_of())
    assert onsets(session) == [0, 10, 20, 30, 40], "nor does a second crash lose them"
    assert not [n for n in notices if n.level != "info"], "told once"
    store.close()


def later_version(lines):
    return [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]]


def past_the_end(lines):
    return [*lines[:3], lines[3].replace(b'"offset":25', b'"offset":99999'), *lines[4:]]


def of_no_kind(lines):
    return [*lines[:3], lines[3].replace(b'"kind":"ME"', b'"kind":"NO"'), *lines[4:]]


@pytest.mark.parametrize(
    ("change", "left"),
    [
        pytest.param(lambda lines: [b"\0" * 600 + lines[1][5:], *lines[2:]], [], id="torn"),
        pytest.param(lambda lines: [b"\0" * 600], [], id="all zeros"),
        pytest.param(lambda lines: [*lines[:2], *lines[3:]], [0], id="a line is missing"),
        pytest.param(later_version, [], id="later version"),
        pytest.param(past_the_end, [0, 10], id="past the end"),
        pytest.param(of_no_kind, [0, 10], id="of no kind"),
    ],
)
def test_steps_that_cannot_be_taken_up_are_kept_and_told(video, change, left):
    journal = damaged(video, change)
    before = journal.read_bytes()
    session, store, notices = open_session(video, review_of())
    assert onsets(session) == left
    assert notices[-1].level == "error"
    assert "could not be taken up" in notices[-1]
    assert aside(journal).name in notices[-1]
    assert aside(journal).read_bytes() == before
    session.commit(review_of(ONE), "and on")
    crash(store)
    session, store, _ = open_session(video, review_of())
    assert session.review == review_of(ONE)
    store.close()


def test_damage_to_steps_that_are_saved_loses_nothing(video):
    """As a crash between session file and journal leaves them."""
    journal = damaged(video, lambda lines: [*lines[:3], b"rubbish", *lines[4:]])
    review = review_of(ONE, TWO)
    write_session(session_path(video.path), SavedSession(review, video.path, number=5))
    session, store, notices = open_session(video, review_of())
    assert session.review == review
    assert [n.level for n in notices] == ["warning"]
    assert aside(journal).is_file()
    store.close()


@pytest.mark.parametrize("code", [0xD83D, 0xDE00, 0xDC9F, 0xDFFF])
def test_half_a_character_keeps_nothing_from_being_saved(video, code):
    """Cut text pasted into a field: Qt hands half of a pair over."""
    half = chr(code)
    session, store, _ = open_session(video, review_of())
    item = Item("h1", Expression(Interval(1, 2), ExpressionKind.MICRO, notes=f"a{half}"))
    session.commit(review_of(item), "draw")
    store.close()
    kept = read_session(store.path).review.items[0].expression.notes
    assert kept.startswith("a")
    write_table(video.path.with_name("t.csv"), [session.review.annotation()])
    (row,) = read_table(video.path.with_name("t.csv"))[0].expressions
    assert row.notes.startswith("a")
