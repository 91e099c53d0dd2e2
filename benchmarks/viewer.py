"""Is the viewer quick? A real window on a long film, with 5,000 intervals, all in one run.

The film is 640×480 H.264 at 200 fps with B-frames and a key picture every 250. Times run from
the call (or mouse event) until the screen is drawn. Without a display, run it on a screen in
memory: ``xvfb-run -a -s "-screen 0 1920x1200x24" python -m benchmarks.viewer``. There OpenGL is
drawn by the processor, which a graphics card does much faster.

    python -m benchmarks.viewer [--frames 100000] [--intervals 5000] [--json]
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from benchmarks.decode import draw_film, repeat_film
from napari_mespot.frames import open_frames
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.window import open_window
from napari_mespot.gui.workspace import Workspace
from napari_mespot.model import ScoreSignal
from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

AIMS_MS = {
    "step forward, p95": 50.0,
    "step back, p95": 50.0,
    "jump to candidate, median": 150.0,
    "threshold to redrawn intervals, median": 50.0,
    "edge drag, event, p95": 33.0,
    "open the film": 2000.0,
}


def drawn() -> None:
    """Let everything that is due be drawn."""
    QApplication.processEvents()
    QApplication.sendPostedEvents()
    QApplication.processEvents()


def milliseconds(call: Callable[[], object]) -> float:
    """Time of one call until the screen is drawn."""
    start = time.perf_counter()
    call()
    drawn()
    return 1e3 * (time.perf_counter() - start)


def fake_scores(n_frames: int, n_peaks: int) -> ScoreSignal:
    """Smooth scores with about as many peaks as wanted, of many heights, in both kinds."""
    rng = np.random.default_rng(0)
    x = np.arange(n_frames)[:, np.newaxis] * n_peaks / 2 / n_frames
    heights = rng.uniform(0.3, 1, (int(x.max()) + 2, 2))
    values = heights[x.astype(int)[:, 0]] * np.sin(np.pi * (x % 1)) ** 4
    return ScoreSignal(
        values.astype(np.float32), np.ones(n_frames, np.bool_), Fraction(200), "long"
    )


def rules(threshold: float) -> SpottingParams:
    """Rules that drop nothing by its duration."""
    kind = KindDetectionParams(
        threshold=threshold, low_threshold=threshold / 2, min_duration_s=0, merge_gap_s=0
    )
    return SpottingParams(
        smoothing=SmoothingParams(cutoff_me_hz=40, cutoff_mae_hz=40),
        detection=DetectionParams(me=kind, mae=kind),
    )


def step_times(workspace: Workspace, direction: int, start: int, n: int = 200) -> list[float]:
    """Milliseconds of single steps, on the screen."""
    workspace.playhead.seek(start)
    drawn()
    return [milliseconds(lambda: workspace.playhead.step(direction)) for _ in range(n)]


def jump_times(workspace: Workspace, n: int = 40) -> list[float]:
    """Milliseconds to far candidates."""
    items = workspace.session.shown.items
    chosen = np.random.default_rng(1).choice(len(items), n, replace=False)
    return [milliseconds(lambda i=i: workspace.actions.go_to_item(items[i].uid)) for i in chosen]


def threshold_times(workspace: Workspace) -> list[float]:
    """Milliseconds from another threshold to the redrawn intervals, as a drag of it does."""
    times = [
        milliseconds(lambda t=t: workspace.session.preview_rules(rules(t)))
        for t in np.linspace(0.3, 0.6, 20)
    ]
    workspace.session.cancel_preview()
    drawn()
    return times


def drag_times(workspace: Workspace) -> list[float]:
    """Milliseconds of each mouse event of a drag of an edge in the timeline."""
    item = workspace.session.shown.items[len(workspace.session.shown.items) // 2]
    workspace.actions.go_to_item(item.uid)
    workspace.actions.fit_selected()
    drawn()
    timeline = workspace.timeline
    place = timeline.edge_position(item.uid, "offset")
    canvas = timeline.canvas

    def send(kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
        globally = QPointF(canvas.mapToGlobal(QPoint(round(at.x()), round(at.y()))))
        event = QMouseEvent(
            kind, at, globally, Qt.MouseButton.LeftButton, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)

    send(QEvent.Type.MouseButtonPress, place, Qt.MouseButton.LeftButton)
    times = [
        milliseconds(
            lambda k=k: send(
                QEvent.Type.MouseMove, place + QPointF(3 * k, 0), Qt.MouseButton.LeftButton
            )
        )
        for k in range(1, 40)
    ]
    send(QEvent.Type.MouseButtonRelease, place + QPointF(120, 0), Qt.MouseButton.NoButton)
    drawn()
    workspace.session.undo()
    drawn()
    return times


def scrub_memory(workspace: Workspace) -> tuple[float, float]:
    """Resident memory in MiB after the first and after the last of many jumps."""
    process, rng = psutil.Process(), np.random.default_rng(2)
    sizes = []
    for part in range(4):
        for frame in rng.integers(0, workspace.playhead.n_frames, 100):
            workspace.playhead.seek(int(frame))
            drawn()
        sizes.append(process.memory_info().rss / 2**20)
        del part
    return sizes[0], sizes[-1]


def measure(folder: Path, n_frames: int, n_intervals: int) -> dict[str, float]:
    """Return all figures, in milliseconds and MiB."""
    short, film = folder / "short.mp4", folder / "long.mp4"
    draw_film(short, 1000)
    repeat_film(short, film, n_frames)
    open_frames(film).close()  # the index of packets is made once
    start = time.perf_counter()
    workspace = open_window(open_review(film), size=(1280, 800), theme="dark")
    drawn()
    figures = {"open the film": 1e3 * (time.perf_counter() - start)}
    scores = fake_scores(workspace.playhead.n_frames, n_intervals)
    workspace.session.set_scores(scores, rules(0.25), "benchmark")
    drawn()
    figures["intervals"] = len(workspace.session.shown.items)
    middle = n_frames // 2 + 140
    for name, direction in (("step forward", 1), ("step back", -1)):
        times = step_times(workspace, direction, middle)
        figures[f"{name}, median"] = float(np.median(times))
        figures[f"{name}, p95"] = float(np.percentile(times, 95))
    figures["jump to candidate, median"] = float(np.median(jump_times(workspace)))
    figures["threshold to redrawn intervals, median"] = float(np.median(threshold_times(workspace)))
    times = drag_times(workspace)
    figures["edge drag, event, median"] = float(np.median(times))
    figures["edge drag, event, p95"] = float(np.percentile(times, 95))
    first, last = scrub_memory(workspace)
    figures["memory after 400 jumps beside after 100"] = last / first
    workspace.viewer.close()
    drawn()
    return figures


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--intervals", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("MESPOT_CACHE_DIR", "MESPOT_CONFIG_DIR"):
            os.environ[name] = str(Path(folder) / name.lower())
        os.environ["NAPARI_CONFIG"] = str(Path(folder) / "napari.yaml")
        figures = measure(Path(folder), options.frames, options.intervals)
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        aim = AIMS_MS.get(name)
        beside = f"   {value / aim:5.2f} × its aim of {aim:g}" if aim else ""
        print(f"{name:42} {value:10.2f}{beside}")


if __name__ == "__main__":
    main()
