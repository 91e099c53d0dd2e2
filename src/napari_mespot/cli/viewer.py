"""Start the napari viewer as a process of its own, or, without a display, draw its window.

The command line does not import the viewer: it lies a floor above, and a machine without Qt
or OpenGL must still be able to spot.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from napari_mespot.cli.console import one_line

__all__ = ["VIEWER_ADVICE", "draw_window", "has_display", "has_viewer", "open_window"]

VIEWER_ADVICE = "python -m pip install 'napari-mespot[napari]'"
_MODULE = "napari_mespot.gui"
_PICTURE_TIMEOUT_S = 180


def has_viewer() -> bool:
    """Whether napari and a binding of Qt are installed."""
    bindings = ("PyQt6", "PySide6")
    return find_spec("napari") is not None and any(find_spec(name) for name in bindings)


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if sys.platform in {"darwin", "win32"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_window(arguments: Sequence[str]) -> int:
    """Open the viewer and wait until the user closes it; return its exit code."""
    return subprocess.run([sys.executable, "-m", _MODULE, *arguments], check=False).returncode


def draw_window(arguments: Sequence[str], picture: Path) -> str:
    """Draw the window that the viewer would open into a PNG file, without a display.

    A screen in memory (Xvfb) is used where there is one; else the window is put together from
    its parts, without napari's canvas.

    Returns
    -------
    str
        What went wrong, in one line; empty if the picture is there.
    """
    command = [sys.executable, "-m", _MODULE, *arguments, "--picture", str(picture)]
    with _screen_in_memory() as variables:
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                timeout=_PICTURE_TIMEOUT_S,
                env={**os.environ, **variables},
            )
        except subprocess.TimeoutExpired:
            return f"the window was not drawn within {_PICTURE_TIMEOUT_S} s"
    if done.returncode == 0 and picture.is_file():
        return ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error: ")]
    silent = f"the viewer ended without a word, exit code {done.returncode}"
    return one_line((errors or lines or [silent])[-1])


@contextmanager
def _screen_in_memory() -> Iterator[dict[str, str]]:
    """Yield the environment variables that lead Qt to a screen nobody sees."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    options = ["-displayfd", "1", "-screen", "0", "2560x1600x24", "-nolisten", "tcp"]
    with subprocess.Popen(
        [xvfb, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        number = server.stdout.readline().strip() if server.stdout else ""
        try:
            yield {"DISPLAY": f":{number}"} if number else {"QT_QPA_PLATFORM": "offscreen"}
        finally:
            server.terminate()
