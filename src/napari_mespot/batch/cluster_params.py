"""Where tasks run. Free of dask."""

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["ClusterParams"]


class ClusterParams(BaseModel):
    """In this process, on worker processes of this machine, or on a scheduler's workers.

    With `scheduler` the workers are its own, and `workers`, `threads_per_worker` and
    `memory_limit_gib` say nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int = Field(1, ge=0, description="worker processes; 0 or 1: all in this process")
    threads_per_worker: int = Field(1, ge=1, description="tasks at once in one worker process")
    scheduler: str | None = Field(None, description="address of a scheduler, tcp://host:port")
    memory_limit_gib: float | None = Field(
        None, gt=0, description="a worker process that needs more is ended; none: no limit"
    )
    connect_timeout_s: float = Field(10.0, gt=0, description="wait for the scheduler")
    worker_timeout_s: float = Field(
        600.0, gt=0, description="wait for a first or another worker while there is none"
    )

    @property
    def in_process(self) -> bool:
        """Whether everything runs in this process, without a cluster."""
        return self.scheduler is None and self.workers <= 1
