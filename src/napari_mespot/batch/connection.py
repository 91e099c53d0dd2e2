"""Find the workers: processes of this machine, or those of a scheduler elsewhere."""

import gc
import logging
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster
from distributed.comm.addressing import parse_address, parse_host_port

from napari_mespot.batch import worker_setup
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.errors import ClusterError

__all__ = ["connected"]

# Room for a worker to end in an orderly way once nobody waits for its results.
_CLOSE_S = 10.0
# A worker that computes without a pause is alive; one that died is known by its connection.
# A task that took three workers with it is given up.
_SCHEDULER = {
    "distributed.scheduler.worker-ttl": None,
    "distributed.scheduler.allowed-failures": 2,
}


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
        _listen(address, params.connect_timeout_s)
        return Client(address, timeout=params.connect_timeout_s, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
    # The client that did not come about closes its thread when it is collected; in the thread
    # of the next client, that would wait for itself.
    gc.collect()
    raise ClusterError(
        f"{address}: expected a scheduler at this address (tcp://host:port), got: {reason}; "
        "see that it runs and can be reached from here, or use --workers"
    )


def _listen(address: str, timeout_s: float) -> None:
    """See that whoever answers speaks first, as schedulers do: a client waits for ever.

    Where nobody answers, the client tries again for a while and says so.
    """
    scheme, place = parse_address(address)
    if scheme != "tcp":
        return
    try:
        line = socket.create_connection(parse_host_port(place), timeout_s)
    except OSError:
        return
    with line:
        try:
            if line.recv(1):
                return
        except OSError:  # no word in time
            pass
    raise ValueError("something else that listens there (is it the port of the dashboard?)")


@contextmanager
def _local_cluster(params: ClusterParams) -> Iterator[LocalCluster]:
    limit = params.memory_limit_gib
    with dask.config.set(_SCHEDULER), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Creating scratch directories", UserWarning)
        cluster = LocalCluster(
            n_workers=params.workers,
            threads_per_worker=params.threads_per_worker,
            processes=True,
            dashboard_address="127.0.0.1:0",  # it listens even without a dashboard
            silence_logs=logging.CRITICAL,
            scheduler_kwargs={"dashboard": False},
            preload=[worker_setup.__name__],
            memory_limit=None if limit is None else int(limit * 2**30),
        )
    with cluster:
        yield cluster


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's log to itself: what matters to the user is told as outcomes."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
