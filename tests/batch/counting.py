"""Tasks for the tests of clusters: they leave a trace each time they run."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from napari_mespot.batch.tasks import TaskWork
from napari_mespot.errors import FrameReadError
from napari_mespot.progress import Progress, ProgressCallback


@dataclass(frozen=True)
class Counting:
    """Sum random numbers with torch; do something special before, as `special` says."""

    key: str
    folder: Path
    seed: int = 0
    special: str = ""


def run(task: Counting, progress: ProgressCallback | None) -> dict[str, object]:
    runs = runs_of(task)
    (task.folder / f"{task.key}.run{runs}").write_text(str(os.getpid()))
    if task.special:
        _SPECIAL[task.special](runs, progress)
    import torch

    numbers = np.random.default_rng(task.seed).normal(size=(200, 3000)).astype(np.float32)
    total = torch.from_numpy(numbers).sum(dim=0)
    product = torch.from_numpy(numbers) @ torch.from_numpy(numbers).T
    return {
        "total": [float(value) for value in total],
        "product": float(product.exp().nan_to_num(posinf=1.5).sum()),
        "threads": torch.get_num_threads(),
        "nothing": float("nan") if task.seed == 0 else task.seed / 3,
    }


def runs_of(task: Counting) -> int:
    return len(list(task.folder.glob(f"{task.key}.run*")))


def _wait_to_be_killed(runs, progress):
    if runs == 0:
        time.sleep(60)


def _end_the_worker(runs, progress):
    os.kill(os.getpid(), signal.SIGKILL)


def _users_situation(runs, progress):
    raise FrameReadError("clip.mp4: expected a video,\ngot none")


def _mistake(runs, progress):
    raise ZeroDivisionError("a programmer's mistake")


def _slow(runs, progress):
    for step in range(600):
        time.sleep(0.05)
        progress(Progress("waiting", step, 600))


_SPECIAL = {
    "wait to be killed": _wait_to_be_killed,
    "end the worker": _end_the_worker,
    "user's situation": _users_situation,
    "mistake": _mistake,
    "slow": _slow,
}

COUNTING = TaskWork(run, encode=lambda result: result, decode=lambda result: result)
