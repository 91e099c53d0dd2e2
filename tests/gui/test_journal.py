"""Every acknowledged edit is on the disk, whatever happens to the process or the file."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.gui.reviews import prediction, review_of, reviews, scores_with_peaks

from napari_mespot.errors import AnnotationFormatError, OutputError
from napari_mespot.gui.documents import (
    change_between,
    change_from_json,
    change_to_json,
    review_from_json,
    review_to_json,
    scores_from_json,
)
from napari_mespot.gui.journal import Journal, read_journal
from napari_mespot.gui.keeping import put_aside
from napari_mespot.gui.session import Session
from napari_mespot.io.packed_scores import pack_scores

# Draws interval after interval; prints the number of each edit once commit has returned.
EDITOR = """
import sys
from pathlib import Path
from napari_mespot.gui import edits
from napari_mespot.gui.journal import Journal
from napari_mespot.gui.keeping import put_aside
from napari_mespot.gui.session import Session
from napari_mespot.model import ExpressionKind, Interval
from tests.gui.reviews import review_of
review = review_of(n_frames=1_000_000)
session = Session(review, journal=Journal.begin(Path(sys.argv[1]), review))
print("ready", flush=True)
for number in range(100_000):
    interval = Interval(number * 5, number * 5 + 3)
    changed, uid = edits.add_interval(session.review, interval, ExpressionKind.MICRO)
    session.commit(changed, "draw")
    print(number, flush=True)
"""


def replayed(path):
    content = read_journal(path)
    review = content.base
    for entry in content.entries:
        review = entry.change.apply(review)
    return review


@given(reviews(), reviews())
def test_a_change_leads_from_one_value_to_the_other(old, new):
    document = json.loads(json.dumps(change_to_json(change_between(old, new))))
    assert change_from_json(document).apply(old) == new


@given(reviews())
def test_a_review_survives_json(review):
    assert review_from_json(json.loads(json.dumps(review_to_json(review)))) == review


@given(reviews(), reviews(), st.permutations(["a", "b", ""]))
def test_a_change_brings_scores_along_or_says_which_they_are(old, new, names):
    signals = {"a": scores_with_peaks((3, 9, 0.5)), "b": scores_with_peaks((3, 9, 0.25)), "": None}
    old, new = (
        replace(review, scores=signals[name], checkpoint=name)
        for review, name in zip((old, new), names, strict=False)
    )
    change = change_between(old, new)
    document = json.loads(json.dumps(change_to_json(change)))
    assert change_from_json(document).apply(old) == new
    digest = change.scores.digest
    short = json.loads(json.dumps(change_to_json(change, {digest})))
    assert "signal" not in short["scores"]
    if new.scores is not None:
        assert change_from_json(short).apply(old).scores is None, "never those of another run"
        assert change_from_json(short).apply(old, {digest: new.scores}) == new


def test_scores_survive_json():
    scores = scores_with_peaks((3, 9, 0.123456789), n_frames=101)
    scores.values[50] = float("nan")
    scores.found[50] = False
    document = json.loads(json.dumps(pack_scores(scores)))
    assert scores_from_json(document, "v") == scores


@pytest.mark.parametrize("document", [{}, {"put": [{}]}, {"put": 3}, {"rules": {"a": 1}}])
def test_damaged_documents_are_told(document):
    if not document:
        assert change_from_json(document).apply(review_of()) == review_of()
        return
    with pytest.raises(ValueError, match=r"damaged|Expected"):
        change_from_json(document)


def test_steps_undo_and_redo_are_all_written(tmp_path):
    path = tmp_path / "v.journal"
    session = Session(review_of(), journal=Journal.begin(path, review_of()))
    session.commit(review_of(prediction(1, 9)), "one")
    session.commit(review_of(prediction(1, 9), prediction(20, 30)), "two")
    session.undo()
    assert replayed(path) == review_of(prediction(1, 9))
    session.redo()
    assert replayed(path) == session.review
    assert [e.label for e in read_journal(path).entries] == ["one", "two", "undo two", "redo two"]


def test_a_line_cut_off_is_passed_over_and_a_damaged_end_put_aside(tmp_path):
    path = tmp_path / "v.journal"
    journal = Journal.begin(path, review_of())
    session = Session(review_of(), journal=journal)
    session.commit(review_of(prediction(1, 9)), "one")
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"number": 2, "la')
    content = read_journal(path)
    assert content.is_whole
    assert len(content.entries) == 1
    Journal.resume(path, content).close()
    assert path.read_bytes() == whole
    path.write_bytes(whole + b"rubbish\n" + b'{"number": 3}\n')
    Journal.resume(path, read_journal(path)).close()
    assert path.read_bytes() == whole
    assert b"rubbish" in path.with_name("v.journal.damaged").read_bytes()


@pytest.mark.parametrize("content", [b"\n", b"no json\n", b'{"format": "other"}\n', b"\0" * 512])
def test_a_foreign_journal_is_told(tmp_path, content):
    path = tmp_path / "v.journal"
    path.write_bytes(content)
    read = read_journal(path)
    assert read.base is None
    assert read.damage


def test_no_journal_and_an_empty_one_are_none(tmp_path):
    assert read_journal(tmp_path / "missing") is None
    path = tmp_path / "v.journal"
    path.write_bytes(b"")
    assert read_journal(path) is None


def test_a_journal_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "v.journal").mkdir()
    with pytest.raises(AnnotationFormatError, match="allow reading it, or move it away"):
        read_journal(tmp_path / "v.journal")


def test_what_was_put_aside_before_stays(tmp_path):
    path = tmp_path / "v.journal"
    for content in (b"one", b"two", b"three"):
        path.write_bytes(content)
        put_aside(path)
        path.unlink()
    kept = [tmp_path / f"v.journal{n}.damaged" for n in ("", ".2", ".3")]
    assert [p.read_bytes() for p in kept] == [b"one", b"two", b"three"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"number": 2, "label": "gap", "at": ""}\n' * 2,
        b'{"number": 1e999, "label": "huge", "at": ""}\n',
        b"[" * 100_000 + b"\n",
        b'{"number": 1, "label": "", "at": "", "put": [{"notes": 5}]}\n',
        b'{"number": 1, "label": "", "at": "", "subject": null}\n',
    ],
)
def test_a_step_that_is_none_ends_the_readable_part(tmp_path, line):
    path = tmp_path / "v.journal"
    Journal.begin(path, review_of()).close()
    whole = path.read_bytes()
    path.write_bytes(whole + line)
    read = read_journal(path)
    assert (read.base, read.entries, read.n_bytes) == (review_of(), (), len(whole))
    assert "step 1 cannot be read" in read.damage


def test_a_full_disk_keeps_the_edit_and_tells_the_user(tmp_path):
    path = tmp_path / "v.journal"
    journal = Journal.begin(path, review_of())
    session, told = Session(review_of(), journal=journal), []
    session.trouble.connect(told.append)
    os.dup2(os.open("/dev/full", os.O_WRONLY), journal._file)
    session.commit(review_of(prediction(1, 9)), "one")
    assert session.review == review_of(prediction(1, 9))
    assert len(told) == 1
    assert "expected to write the last edit" in told[0]
    journal.close()  # room again
    session.commit(review_of(prediction(1, 9), prediction(20, 30)), "two")
    assert replayed(path) == session.review, "the edit that failed is written with the next"


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(OutputError):
        Journal.begin(tmp_path / "none" / "v.journal", review_of())


@pytest.mark.parametrize("seed", range(50))
def test_killed_in_the_middle_of_editing(tmp_path, seed):
    """Fifty kills at random moments: every edit that was acknowledged is found again."""
    path = tmp_path / "v.journal"
    command = [sys.executable, "-c", EDITOR, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as editor:
        assert editor.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).uniform(0, 0.15))
        editor.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in editor.stdout.read().split("\n")[:-1]]
    review = replayed(path)
    found = [item.onset // 5 for item in review.items]
    assert found == list(range(len(found))), "no edit is missing in between"
    assert len(found) - len(acknowledged) in {0, 1}, "the last may be written but not yet told"
