"""Many videos, one after the other or on workers; one that fails does not stop the rest."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.job import JobOutcome, SpottingJob
from napari_mespot.batch.mishaps import unforeseen
from napari_mespot.batch.spot_job import spot_job
from napari_mespot.batch.spotting_tasks import spot_on_workers
from napari_mespot.errors import MespotError
from napari_mespot.progress import Cancelled, Progress, ProgressCallback

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint

__all__ = ["spot_videos"]


def spot_videos(
    jobs: Iterable[SpottingJob],
    *,
    cluster: ClusterParams | None = None,
    on_progress: Callable[[SpottingJob, Progress], None] | None = None,
    on_outcome: Callable[[JobOutcome], None] | None = None,
) -> tuple[JobOutcome, ...]:
    """Spot the expressions of many videos and write the results of each.

    Whatever goes wrong ends one job and is told in its outcome. For an error that is not one of
    ours (:class:`~napari_mespot.errors.MespotError`), the traceback is left in
    ``NAME.error.txt`` beside the results.

    Parameters
    ----------
    jobs
        The videos. Their names should differ within one folder, see
        :func:`~napari_mespot.batch.inputs.name_videos`.
    cluster
        Where the videos are spotted; None: in this process. On workers, a batch that did not
        come to its end is taken up where it stopped, see
        :func:`~napari_mespot.batch.spotting_tasks.spot_on_workers`.
    on_progress
        Called now and then with the job under way; may raise
        :class:`~napari_mespot.progress.Cancelled`, which ends the whole batch.
    on_outcome
        Called after every job.

    Returns
    -------
    tuple of JobOutcome
        One per job, in order.

    Raises
    ------
    ClusterError
        If the workers cannot be used.
    """
    if cluster is not None and not cluster.in_process:
        return spot_on_workers(tuple(jobs), cluster, on_progress=on_progress, on_outcome=on_outcome)
    checkpoints: dict[str | None, Checkpoint] = {}
    outcomes = []
    for job in jobs:
        started = time.perf_counter()
        try:
            outcome = spot_job(job, checkpoints, _for_job(on_progress, job))
        except MespotError as error:
            outcome = JobOutcome(job, error=" ".join(str(error).split()))
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - one odd video must not end a batch
            outcome = JobOutcome(job, error=unforeseen(error, job.out, job.name))
        outcome = replace(outcome, seconds=time.perf_counter() - started)
        outcomes.append(outcome)
        if on_outcome is not None:
            on_outcome(outcome)
    return tuple(outcomes)


def _for_job(
    on_progress: Callable[[SpottingJob, Progress], None] | None, job: SpottingJob
) -> ProgressCallback | None:
    if on_progress is None:
        return None
    return lambda progress: on_progress(job, progress)
