"""Tasks on real worker processes, one of which is killed: every result, each made once."""

import json
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.batch.counting import COUNTING, Counting, runs_of

from napari_mespot.batch.cluster import ClusterParams, run_tasks
from napari_mespot.errors import ClusterError
from napari_mespot.progress import Cancelled

TWO = ClusterParams(workers=2)


@pytest.fixture
def tasks(tmp_path: Path) -> list[Counting]:
    folder = tmp_path / "runs"
    folder.mkdir()
    return [Counting(f"task-{i}", folder, seed=i) for i in range(6)]


def kill_when_written(path: Path) -> None:
    """End, in the background, the process whose number the file will hold."""

    def wait_and_kill() -> None:
        while not (path.is_file() and path.read_text()):
            time.sleep(0.02)
        os.kill(int(path.read_text()), signal.SIGKILL)

    threading.Thread(target=wait_and_kill, daemon=True).start()


def content(folder: Path) -> dict[str, object]:
    files = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    return {name: repr(record["result"]) for name, record in files.items()}


def test_a_killed_worker_costs_only_what_it_was_doing(tasks, tmp_path):
    tasks[2] = replace(tasks[2], special="wait to be killed")
    kill_when_written(tasks[2].folder / "task-2.run0")
    told = []
    outcomes = run_tasks(tasks, COUNTING, out=tmp_path / "far", params=TWO, on_outcome=told.append)
    assert all(outcome.ok for outcome in outcomes)
    assert [outcome.task for outcome in outcomes] == tasks
    assert [runs_of(task) for task in tasks] == [1, 1, 2, 1, 1, 1]
    assert len(told) == 6
    pids = {path.read_text() for path in tasks[0].folder.glob("*.run*")}
    assert str(os.getpid()) not in pids
    assert len(pids) >= 2

    here = run_tasks(tasks, COUNTING, out=tmp_path / "here")
    assert content(tmp_path / "here") == content(tmp_path / "far")
    assert len(content(tmp_path / "here")) == 6
    assert repr([o.result for o in here]) == repr([o.result for o in outcomes])

    again = run_tasks(tasks, COUNTING, out=tmp_path / "far", params=TWO)
    assert all(outcome.reused for outcome in again)
    assert repr([o.result for o in again]) == repr([o.result for o in outcomes])
    assert sum(map(runs_of, tasks)) == 7 + 6


def test_failures_stay_with_their_task(tasks, tmp_path):
    tasks[0] = replace(tasks[0], special="user's situation")
    tasks[1] = replace(tasks[1], special="end the worker")
    outcomes = run_tasks(tasks[:4], COUNTING, out=tmp_path / "out", params=TWO)
    assert [outcome.ok for outcome in outcomes] == [False, False, True, True]
    assert outcomes[0].error == "clip.mp4: expected a video, got none"
    assert "task-1: expected a worker" in outcomes[1].error
    assert runs_of(tasks[1]) == 3
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "task-2.json",
        "task-3.json",
    ]


def test_cancelling_ends_the_workers_and_keeps_what_is_finished(tasks, tmp_path):
    tasks[1] = replace(tasks[1], special="slow")
    finished = []

    def stop_when_one_is_finished(task, progress):
        if finished and task.key == "task-1":
            raise Cancelled

    with pytest.raises(Cancelled):
        run_tasks(
            tasks[:2],
            COUNTING,
            out=tmp_path / "out",
            params=TWO,
            on_progress=stop_when_one_is_finished,
            on_outcome=finished.append,
        )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["task-0.json"]
    pid = int((tasks[1].folder / "task-1.run0").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_mistake_of_the_program_ends_one_task_and_leaves_its_traceback(tasks, tmp_path):
    wrong = replace(tasks[1], special="mistake")
    failed, done = run_tasks([wrong, tasks[0]], COUNTING, out=tmp_path, params=TWO)
    assert done.ok
    assert "ZeroDivisionError: a programmer's mistake" in failed.error
    assert "task-1.error.txt" in failed.error
    assert "Traceback" in (tmp_path / "task-1.error.txt").read_text()


def test_nobody_at_the_address(tasks, tmp_path):
    started = time.monotonic()
    for address in ("tcp://127.0.0.1:9", "somewhere", "tcp://no.such.host.invalid:8786"):
        params = ClusterParams(scheduler=address, connect_timeout_s=2)
        with pytest.raises(ClusterError, match="expected a scheduler at this address"):
            run_tasks(tasks, COUNTING, out=tmp_path / "out", params=params)
    assert time.monotonic() - started < 20
