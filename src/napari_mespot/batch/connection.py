"""Find the workers: processes of this machine, or those of a scheduler elsewhere."""

import gc
import logging
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import Client, LocalCluster
from distributed.comm.addressing import parse_address, parse_host_port
from distributed.security import Security

from napari_mespot.batch import worker_setup
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.errors import ClusterError

__all__ = ["connected"]

# Room for a worker to end in an orderly way once nobody waits for its results.
_CLOSE_S = 10.0
# Files and connections that the process of the user needs beside its own, and for each worker.
_DESCRIPTORS, _DESCRIPTORS_PER_WORKER = 128, 24
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
            client = _client(cluster.scheduler_address, params, cluster.security)
            try:
                yield client
            finally:
                client.close(timeout=_CLOSE_S)


def _client(address: str, params: ClusterParams, security: Security | None = None) -> Client:
    try:
        _listen(address, params.connect_timeout_s)
        return Client(
            address, timeout=params.connect_timeout_s, set_as_default=False, security=security
        )
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
    """Start workers that take orders from this process alone.

    Everybody with an account on the machine can reach its ports. Scheduler and workers
    therefore demand a certificate that was made for this run and never lies on the disk, and
    keep their files in a folder that only this user can enter.
    """
    _check_descriptors(params.workers)
    limit = params.memory_limit_gib
    with (
        tempfile.TemporaryDirectory(prefix="mespot-workers-") as folder,
        dask.config.set(_SCHEDULER),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "Creating scratch directories", UserWarning)
        try:
            cluster = LocalCluster(
                n_workers=params.workers,
                threads_per_worker=params.threads_per_worker,
                processes=True,
                security=Security.temporary(),
                local_directory=folder,
                dashboard_address="127.0.0.1:0",  # it listens even without a dashboard
                silence_logs=logging.CRITICAL,
                scheduler_kwargs={"dashboard": False},
                preload=[worker_setup.__name__],
                memory_limit=None if limit is None else int(limit * 2**30),
            )
        except (OSError, RuntimeError) as error:
            reason = " ".join(str(error.__cause__ or error).split())
            raise ClusterError(
                f"expected {params.workers} worker processes, got: {reason}; use fewer --workers"
            ) from error
        with cluster:
            yield cluster


def _check_descriptors(workers: int) -> None:
    """See that enough files can be open at once: else workers would fail over and over.

    Raises
    ------
    ClusterError
        If the limit of this process is too low and cannot be raised.
    """
    if sys.platform == "win32":
        return
    import resource

    needed = _DESCRIPTORS + _DESCRIPTORS_PER_WORKER * workers
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ClusterError(
            f"expected that {needed} files can be open at once, for {workers} workers, got a "
            f"limit of {hard}; raise it (ulimit -n), or leave out --workers"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


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
