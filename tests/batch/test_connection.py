"""Workers of this machine take orders from the process that started them, and from nobody else."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from distributed import Client
from distributed.comm.addressing import parse_host_port

from napari_mespot.batch import ClusterParams
from napari_mespot.batch.connection import _check_descriptors, connected
from napari_mespot.errors import ClusterError

TWO = ClusterParams(workers=2)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


def test_a_client_without_the_certificate_is_turned_away():
    with connected(TWO) as client:
        address = client.scheduler.address
        assert address.startswith("tls://127.0.0.1:")
        assert client.submit(os.getpid).result() != os.getpid()
        port = parse_host_port(address.removeprefix("tls://"))[1]
        for plain in (f"tcp://127.0.0.1:{port}", address):
            with pytest.raises((OSError, TypeError, RuntimeError)):
                Client(plain, timeout=1, set_as_default=False)
        addresses = [worker["nanny"] for worker in client.scheduler_info()["workers"].values()]
        assert all(nanny.startswith("tls://") for nanny in addresses)


def test_worker_folders_are_private_and_go():
    with connected(TWO) as client:
        (folder, *_) = {
            Path(w["local_directory"]) for w in client.scheduler_info()["workers"].values()
        }
        private = next(p for p in folder.parents if p.name.startswith("mespot-workers-"))
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert not private.exists()


@POSIX
def test_too_few_open_files_are_told_at_once():
    limit = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
    script = limit + (
        "from napari_mespot.batch.connection import _check_descriptors\n"
        "from napari_mespot.errors import ClusterError\n"
        "try:\n    _check_descriptors(2)\nexcept ClusterError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "got a limit of 40" in done.stdout
    assert "leave out --workers" in done.stdout


@POSIX
def test_a_soft_limit_is_raised_where_that_is_allowed(monkeypatch):
    import resource

    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    _check_descriptors(4)
    ((soft, hard),) = asked
    assert soft > 128
    assert hard == 4096
    with pytest.raises(ClusterError, match="4096"):
        _check_descriptors(1000)
