"""The program as a user starts it: a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.fixtures.face_clip import write_face_video, write_random_checkpoint

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_random_checkpoint(tmp_path_factory.mktemp("net") / "random.safetensors"))


@pytest.fixture(scope="session")
def face_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_face_video(tmp_path_factory.mktemp("video") / "sitter.mp4")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    cache = tmp_path_factory.getbasetemp() / "cache"
    rest = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return {**rest, "MESPOT_CACHE_DIR": str(cache), "OMP_NUM_THREADS": "1"}


@pytest.fixture
def mespot(environment: dict[str, str], tmp_path: Path) -> Run:
    """Start the program in an empty folder; `first` is Python that runs before it."""

    def run(*arguments: object, first: str = "", **options: object):
        script = f"import sys\n{first}\nfrom napari_mespot.cli import main\nsys.exit(main())"
        command: Sequence[str] = [sys.executable, "-c", script, *map(str, arguments)]
        return subprocess.run(
            command,
            env=environment,
            cwd=tmp_path,
            text=True,
            **{"capture_output": True, "timeout": 120, **options},
        )

    return run
