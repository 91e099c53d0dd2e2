"""Results of tasks as files, in this process: found again, told apart, mended."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.batch.counting import COUNTING, Counting, runs_of

from napari_mespot.batch import ClusterParams, TaskWork, run_tasks, task_key
from napari_mespot.batch.performing import (
    Order,
    Reply,
    accept,
    perform,
    software,
    software_differences,
)
from napari_mespot.batch.task_records import TaskRecord, task_fingerprint
from napari_mespot.batch.tasks import check_keys
from napari_mespot.errors import ClusterError
from napari_mespot.progress import Cancelled, Progress


@pytest.fixture
def task(tmp_path: Path) -> Counting:
    return Counting("task", tmp_path)


def test_a_result_that_is_there_is_not_made_again(task, tmp_path):
    (first,) = run_tasks([task], COUNTING, out=tmp_path / "out")
    (second,) = run_tasks([task], COUNTING, out=tmp_path / "out")
    assert (first.reused, second.reused) == (False, True)
    assert repr(first.result) == repr(second.result)
    assert first.seconds == second.seconds > 0
    assert runs_of(task) == 1


def test_a_changed_task_is_done_again_and_that_is_told(task, tmp_path):
    run_tasks([task], COUNTING, out=tmp_path / "out")
    (outcome,) = run_tasks([replace(task, seed=1)], COUNTING, out=tmp_path / "out")
    assert not outcome.reused
    assert "made from other data or settings" in outcome.warnings[0]
    newer = replace(COUNTING, version=2)
    (outcome,) = run_tasks([replace(task, seed=1)], newer, out=tmp_path / "out")
    assert not outcome.reused
    assert runs_of(task) == 3


@pytest.mark.parametrize("content", ["", '{"format": "mesp', "[]", "{}", "\xff"])
def test_a_result_that_is_not_whole_is_made_again(task, tmp_path, content):
    out = tmp_path / "out"
    out.mkdir()
    (out / "task.json").write_bytes(content.encode("latin-1"))
    (outcome,) = run_tasks([task], COUNTING, out=out)
    assert outcome.ok
    assert "cannot be read as a result" in outcome.warnings[0]
    assert json.loads((out / "task.json").read_text())["key"] == "task"


def test_a_users_situation_leaves_no_result_and_is_tried_again(task, tmp_path):
    bad = replace(task, key="bad", special="user's situation")
    outcomes = run_tasks([bad, task], COUNTING, out=tmp_path / "out")
    assert [outcome.error for outcome in outcomes] == ["clip.mp4: expected a video, got none", ""]
    outcomes = run_tasks([bad, task], COUNTING, out=tmp_path / "out")
    assert (runs_of(bad), runs_of(task)) == (2, 1)


def test_cancelling_keeps_what_is_finished(task, tmp_path):
    def stop(task: Counting, progress: Progress) -> None:
        raise Cancelled

    slow = replace(task, key="slow", special="slow")
    with pytest.raises(Cancelled):
        run_tasks([task, slow], COUNTING, out=tmp_path / "out", on_progress=stop)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["task.json"]


def test_a_task_has_one_thread_and_others_have_theirs_back(task, tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        (outcome,) = run_tasks([task], COUNTING, out=tmp_path / "out")
        assert outcome.result["threads"] == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_worker_that_does_not_see_the_folder_sends_the_result(task, tmp_path):
    order = Order(task, COUNTING, tmp_path / "elsewhere", software())
    reply = perform(order)
    assert not order.out.exists()
    accept(tmp_path, reply)
    (outcome,) = run_tasks([task], COUNTING, out=tmp_path)
    assert outcome.reused


def test_a_worker_with_other_software_is_refused(task, tmp_path, monkeypatch):
    other = {**software(), "torch": "0.1"}
    reply = perform(Order(task, COUNTING, tmp_path, other))
    assert reply == Reply(unfit=f"a worker with {software_differences(other)}")
    assert "in place of 0.1" in reply.unfit
    monkeypatch.setattr("napari_mespot.batch.cluster.software", lambda: other)
    with pytest.raises(ClusterError, match="same software as here, got a worker with torch"):
        run_tasks([task], COUNTING, out=tmp_path / "out", params=ClusterParams(workers=2))
    assert runs_of(task) == 0


def test_keys_are_unique_names_of_files(task):
    check_keys([task, replace(task, key="a.b+c-1")])
    for key in ("", "a/b", "..", ".hidden", "a b", "nul\0", "x" * 200, "end."):
        with pytest.raises(ValueError, match="Expected a key"):
            check_keys([replace(task, key=key)])
    with pytest.raises(ValueError, match="twice"):
        check_keys([task, replace(task, key="TASK")])


@given(st.text(), st.text())
def test_any_name_has_a_key_of_its_own(one, other):
    check_keys([Counting(task_key(one), Path())])
    assert (task_key(one) == task_key(other)) == (one == other)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Rich:
    key: str
    value: object


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.fractions()
    | st.binary()
    | st.sampled_from(Colour)
    | st.just(Path("a/b")),
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(VALUES, VALUES)
def test_equal_tasks_have_one_fingerprint_and_others_another(one, other):
    work = TaskWork(runs_of, encode=str, decode=str)
    prints = [task_fingerprint(Rich("key", value), work) for value in (one, other)]
    assert prints[0] == task_fingerprint(Rich("key", one), work)
    if repr(one) != repr(other) and one != other:
        assert prints[0] != prints[1]


def test_a_fingerprint_is_the_same_in_every_process(tmp_path):
    script = (
        "from tests.batch.counting import COUNTING, Counting; from pathlib import Path;"
        "from napari_mespot.batch.task_records import task_fingerprint;"
        "print(task_fingerprint(Counting('k', Path('a'), 3), COUNTING))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == task_fingerprint(Counting("k", Path("a"), 3), COUNTING)


def test_only_plain_values_make_a_task():
    with pytest.raises(TypeError, match="plain values"):
        task_fingerprint(Rich("key", object()), COUNTING)


@given(st.lists(st.floats()))
def test_results_survive_to_the_last_bit(values):
    record = TaskRecord("key", "print", 0.5, values)
    assert repr(TaskRecord.from_text(record.to_text())) == repr(record)
