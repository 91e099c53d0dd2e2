"""What a worker process of ours does before its first task; dask imports this by name."""

import signal

__all__ = ["dask_setup"]


def dask_setup(worker: object) -> None:
    """Leave Ctrl-C to the process that was started by the user: it ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
