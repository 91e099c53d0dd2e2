"""Videos on worker processes leave the files that one process leaves, however it ended before."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster
from tests.batch.counting import COUNTING, Counting, runs_of

from napari_mespot.batch import ClusterParams, SpottingJob, run_tasks, spot_videos
from napari_mespot.batch.spotting_tasks import RECORDS_FOLDER
from napari_mespot.cli import main


@pytest.fixture
def videos(face_video: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    for name in ("one", "two", "three"):
        shutil.copy(face_video, folder / f"{name}.mp4")
    return folder


@pytest.fixture
def scheduler():
    """A scheduler with workers of its own, as a laboratory has."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_workers_leave_the_same_files(videos, checkpoint, tmp_path, capfd):
    spot = ["spot", str(videos), "--checkpoint", checkpoint, "--device", "cpu"]
    assert main([*spot, "--out", str(tmp_path / "one")]) == 0
    alone = capfd.readouterr()
    assert main([*spot, "--out", str(tmp_path / "two"), "--workers", "2"]) == 0
    together = capfd.readouterr()
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert len(files(tmp_path / "one")) == 9
    assert not (tmp_path / "two" / RECORDS_FOLDER).exists()
    said, told = (
        sorted(line for line in text.splitlines() if line.startswith("warning: "))
        for text in (alone.err, together.err)
    )
    assert said == told, "the same of the videos, wherever they were done"
    progress = [
        [line for line in text.splitlines() if not line.startswith("warning: ")]
        for text in (alone.err, together.err)
    ]
    assert [line.split(":")[0] for line in progress[0]] == [
        f"{name} ({number} of 3)" for number, name in enumerate(("one", "three", "two"), 1)
    ]
    assert all(line.startswith("spotting: ") for line in progress[1])
    assert together.err.count(" done: ") == 3
    summaries = [
        [line.partition("(")[0] for line in text.splitlines() if not line.startswith(" ")]
        for text in (alone.out, together.out)
    ]
    assert summaries[0] == summaries[1]
    assert len(summaries[0]) == 3


def test_a_scheduler_elsewhere_and_only_what_is_missing(
    scheduler, videos, checkpoint, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    out = Path("results")
    jobs = [
        SpottingJob(Path("videos") / f"{name}.mp4", out, name, checkpoint, "cpu", plot=False)
        for name in ("one", "two", "three")
    ]
    broken = videos / "two.mp4"
    whole = broken.read_bytes()
    broken.write_bytes(b"no video")
    cluster = ClusterParams(scheduler=scheduler)
    told = []
    first = spot_videos(jobs, cluster=cluster, on_outcome=told.append)
    assert [outcome.ok for outcome in first] == [True, False, True]
    assert [outcome.job for outcome in first] == jobs
    assert "two.mp4" in first[1].error
    assert sorted(map(repr, told)) == sorted(map(repr, first))
    written = {path: path.stat().st_mtime_ns for path in out.iterdir() if path.is_file()}
    assert len(written) == 4

    broken.write_bytes(whole)
    second = spot_videos(jobs, cluster=cluster)
    assert all(outcome.ok for outcome in second)
    assert {path: path.stat().st_mtime_ns for path in written} == written
    assert second[0] == first[0]
    assert not (out / RECORDS_FOLDER).exists()

    # The same scheduler does other work too, and the same in the same way as this process.
    tasks = [Counting(f"task-{seed}", tmp_path, seed) for seed in range(2)]
    far = run_tasks(tasks, COUNTING, out=tmp_path / "far", params=cluster)
    near = run_tasks(tasks, COUNTING, out=tmp_path / "near")
    assert repr([o.result for o in far]) == repr([o.result for o in near])
    assert [runs_of(task) for task in tasks] == [2, 2]


def interrupted_batch(videos, checkpoint, tmp_path):
    """Spot three videos, one of them broken; return the jobs, and the folder with the records."""
    jobs = [
        SpottingJob(videos / f"{n}.mp4", tmp_path / "out", n, checkpoint, "cpu", plot=False)
        for n in ("one", "two", "three")
    ]
    whole = (videos / "two.mp4").read_bytes()
    (videos / "two.mp4").write_bytes(b"no video")
    first = spot_videos(jobs, cluster=ClusterParams(workers=2))
    assert [outcome.ok for outcome in first] == [True, False, True]
    (videos / "two.mp4").write_bytes(whole)
    return jobs, tmp_path / "out"


def test_results_of_another_run_are_not_taken_for_those_of_this_batch(videos, checkpoint, tmp_path):
    jobs, out = interrupted_batch(videos, checkpoint, tmp_path)
    ours = files(out)
    (other,) = spot_videos([replace(jobs[0], threshold_me=0.0, threshold_mae=0.0)])
    assert other.ok
    assert files(out)["one.intervals.csv"] != ours["one.intervals.csv"]
    resumed = spot_videos(jobs, cluster=ClusterParams(workers=2))
    assert all(outcome.ok for outcome in resumed)
    assert files(out)["one.intervals.csv"] == ours["one.intervals.csv"]


def test_a_table_that_a_person_went_on_with_counts_as_done(videos, checkpoint, tmp_path):
    jobs, out = interrupted_batch(videos, checkpoint, tmp_path)
    table = out / "three.intervals.csv"
    table.write_bytes(table.read_bytes() + b"three,,ME,1,,9,,,,,,,accepted,,,me,\n")
    edited = table.read_bytes()
    resumed = spot_videos(jobs, cluster=ClusterParams(workers=2))
    assert all(outcome.ok for outcome in resumed), [o.error for o in resumed]
    assert table.read_bytes() == edited


def test_the_end_of_one_run_leaves_the_records_of_another(videos, checkpoint, tmp_path):
    jobs, out = interrupted_batch(videos, checkpoint, tmp_path)
    shutil.copy(videos / "one.mp4", videos / "four.mp4")
    other = replace(jobs[0], path=videos / "four.mp4", name="four")
    assert spot_videos([other], cluster=ClusterParams(workers=2))[0].ok
    assert len(list((out / RECORDS_FOLDER).glob("*.json"))) == 2
    assert all(outcome.ok for outcome in spot_videos(jobs, cluster=ClusterParams(workers=2)))
    assert not (out / RECORDS_FOLDER).exists()


def test_ctrl_c_ends_the_workers_quietly(videos, checkpoint, tmp_path):
    tasks = [Counting("quick", tmp_path), Counting("slow", tmp_path, special="slow")]
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from napari_mespot.batch import ClusterParams, run_tasks\n"
        "from tests.batch.counting import COUNTING, Counting\n"
        "if __name__ == '__main__':\n"
        f"    folder = Path({str(tmp_path)!r})\n"
        "    tasks = [Counting('quick', folder), Counting('slow', folder, special='slow')]\n"
        "    try:\n"
        "        run_tasks(tasks, COUNTING, out=folder / 'out', params=ClusterParams(workers=2))\n"
        "    except KeyboardInterrupt:\n"
        "        sys.exit(130)\n"
    )
    (tmp_path / "script.py").write_text(script)
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "script.py")],
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    result = tmp_path / "out" / "quick.json"
    deadline = time.monotonic() + 300
    while not (result.is_file() and runs_of(tasks[1])) and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out, err) == (130, "", "")
    assert json.loads(result.read_text())["key"] == "quick"
    assert [path.name for path in result.parent.iterdir()] == ["quick.json"]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "slow.run0").read_text()), 0)
