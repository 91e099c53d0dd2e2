"""Find the workers: processes of this machine, or those of a scheduler elsewhere."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster

from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.errors import ClusterError

__all__ = ["connected"]

# Room for a worker to end in an orderly way once nobody waits for its results.
_CLOSE_S = 10.0


@contextmanager
def connected(params: ClusterParams) -> Iterator[Client]:
    """Connect to the workers that `params` ask for, and leave or end them afterwards.

    Raises
    ------
    ClusterError
        If they cannot be reached.
    """
    with _quiet():
        if params.scheduler is not None:
            client = _client(params.scheduler, params)
            try:
                yield client
            finally:
                client.close(timeout=_CLOSE_S)
            return
        with _local_cluster(params) as cluster:
            client = _client(cluster.scheduler_address, params)
            try:
                yield client
            finally:
                client.close(timeout=_CLOSE_S)


def _client(address: str, params: ClusterParams) -> Client:
    try:
        return Client(address, timeout=params.connect_timeout_s, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ClusterError(
            f"{address}: expected a scheduler at this address (tcp://host:port), got: {reason}; "
            "see that it runs and can be reached from here, or use --workers"
        ) from None


@contextmanager
def _local_cluster(params: ClusterParams) -> Iterator[LocalCluster]:
    limit = params.memory_limit_gib
    # A worker that computes without a pause is alive; one that died is known by its connection.
    with dask.config.set({"distributed.scheduler.worker-ttl": None}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Creating scratch directories", UserWarning)
        cluster = LocalCluster(
            n_workers=params.workers,
            threads_per_worker=params.threads_per_worker,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            memory_limit=None if limit is None else int(limit * 2**30),
        )
    with cluster:
        yield cluster


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's log to itself: what matters to the user is told as outcomes."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
