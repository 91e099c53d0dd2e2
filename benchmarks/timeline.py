"""Is the timeline quick? 100,000 frames and 5,000 intervals at 1600 pixels, beside 1,000 and 60.

Times run from the call (or the mouse event) until the widget has drawn itself into a picture.
Needs no display: ``QT_QPA_PLATFORM=offscreen python -m benchmarks.timeline``.

    python -m benchmarks.timeline [--frames 100000] [--intervals 5000] [--width 1600] [--json]
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from fractions import Fraction

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from qtpy.QtCore import QEvent, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtWidgets import QApplication

from napari_mespot.gui import edits
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Review
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline import TimelineColours, TimelineWidget
from napari_mespot.model import ExpressionKind, Interval, ReviewStatus, ScoreSignal
from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

AIMS_MS = {
    "full repaint": 16.0,
    "playhead step": 5.0,
    "hover": 5.0,
    "pan": 16.0,
    "zoom": 16.0,
    "edge drag": 33.0,
    "threshold drag": 50.0,
}
RATE = Fraction(200)
HEIGHT = 300
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


def fake_scores(n_frames: int, n_peaks: int) -> ScoreSignal:
    """About as many peaks as wanted in both kinds, of many heights, with noise; some faceless."""
    rng = np.random.default_rng(0)
    x = np.arange(n_frames)[:, np.newaxis] * n_peaks / 2 / n_frames
    heights = rng.uniform(0.3, 1, (int(x.max()) + 2, 2))
    values = heights[x.astype(int)[:, 0]] * np.sin(np.pi * (x % 1)) ** 4
    values = np.clip(values + rng.normal(0, 0.02, values.shape), 0, 1).astype(np.float32)
    found = np.ones(n_frames, np.bool_)
    found[n_frames // 3 : n_frames // 3 + n_frames // 50] = False
    values[~found] = np.nan
    return ScoreSignal(values, found, RATE, "long")


def rules(threshold: float) -> SpottingParams:
    """Rules that drop nothing by its duration."""
    kind = KindDetectionParams(
        threshold=threshold,
        low_threshold=threshold / 2,
        merge_gap_s=0,
        min_duration_s=0,
        max_duration_s=600,
    )
    return SpottingParams(
        smoothing=SmoothingParams(cutoff_me_hz=20, cutoff_mae_hz=20),
        detection=DetectionParams(me=kind, mae=kind),
    )


class Bench:
    """A timeline with a session, and the hand that works it."""

    def __init__(self, n_frames: int, n_intervals: int, width: int) -> None:
        self.session = Session(Review("long", n_frames, RATE))
        self.session.set_scores(fake_scores(n_frames, n_intervals), rules(0.25), "benchmark")
        self.playhead = Playhead(n_frames, RATE)
        self.actions = ReviewActions(self.session, self.playhead, Player(self.playhead))
        self._decide_some()
        self.timeline = TimelineWidget(self.session, self.playhead, self.actions)
        self.timeline.resize(width, HEIGHT)
        self.timeline.show()
        self.drawn()

    def drawn(self) -> None:
        """Let everything that is due be drawn."""
        QApplication.processEvents()
        QApplication.sendPostedEvents()
        QApplication.processEvents()

    def times(self, calls: list[Callable[[], object]]) -> list[float]:
        """Milliseconds of each call until the screen is drawn."""
        out = []
        for call in calls:
            start = time.perf_counter()
            call()
            self.drawn()
            out.append(1e3 * (time.perf_counter() - start))
        return out

    def mouse(self, kind: QEvent.Type, place: QPointF, held: Qt.MouseButton = LEFT) -> None:
        """Send a mouse event to the timeline."""
        canvas = self.timeline.canvas
        button = NONE if kind == QEvent.Type.MouseMove else LEFT
        event = QMouseEvent(
            kind, place, canvas.mapToGlobal(place), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(canvas, event)

    def drag(self, start: QPointF, steps: list[QPointF]) -> list[float]:
        """Milliseconds of each mouse move of a drag; it is taken back afterwards."""
        self.mouse(QEvent.Type.MouseButtonPress, start)
        self.drawn()
        calls = [lambda p=start + s: self.mouse(QEvent.Type.MouseMove, p) for s in steps]
        out = self.times(calls)
        self.mouse(QEvent.Type.MouseButtonRelease, start + steps[-1], NONE)
        self.session.undo()
        self.drawn()
        return out

    def _decide_some(self) -> None:
        """Accept, reject and move a tenth of the intervals: reviews are never all predictions."""
        review = self.session.review
        uids = [item.uid for item in review.items[::10]]
        review = edits.set_status(review, uids[::3], ReviewStatus.ACCEPTED)
        review = edits.set_status(review, uids[1::3], ReviewStatus.REJECTED)
        for uid in uids[2:60:3]:
            item = review.by_uid[uid]
            review = edits.move_interval(review, uid, item.onset + 2, item.offset + 3)
        self.session.commit(review, "review")


def figures_of(bench: Bench) -> dict[str, list[float]]:
    """Return the milliseconds of everything a hand does often."""
    timeline, playhead = bench.timeline, bench.playhead
    n, out = playhead.n_frames, {}
    for name, view in (("whole", None), ("a hundredth", Interval(n // 2, n // 2 + n // 100))):
        timeline.fit(view)
        bench.drawn()
        out[f"full repaint, {name}"] = bench.times(
            [lambda: timeline.set_colours(TimelineColours())] * 20
        )
    out["playhead step"] = bench.times([lambda: playhead.step(1)] * 50)
    place = timeline.lane_position(ExpressionKind.MICRO, n // 2)
    out["hover"] = bench.times(
        [
            lambda k=k: bench.mouse(QEvent.Type.MouseMove, place + QPointF(k, 0), NONE)
            for k in range(40)
        ]
    )
    out["pan"] = bench.times([lambda: timeline.show_view(timeline.view.panned(5.0))] * 20)
    out["zoom"] = bench.times([lambda f=f: timeline.zoom(f) for f in [1.25, 0.8] * 10])
    item = bench.session.shown.items[len(bench.session.shown.items) // 2]
    timeline.fit(item.expression.interval)
    bench.drawn()
    out["edge drag"] = bench.drag(
        timeline.edge_position(item.uid, "offset"), [QPointF(4 * k, 0) for k in range(1, 40)]
    )
    timeline.fit(None)
    bench.drawn()
    out["threshold drag"] = bench.drag(
        timeline.threshold_position(ExpressionKind.MICRO),
        [QPointF(0, -0.6 * k) for k in range(6, 26)],
    )
    return out


def cost_of_parts(bench: Bench) -> dict[str, float]:
    """Milliseconds of what a drag does before anything is drawn."""
    session, review = bench.session, bench.session.review
    item = review.items[len(review.items) // 2]

    def timed(call: Callable[[], object]) -> float:
        start = time.perf_counter()
        for _ in range(5):
            call()
        return 200 * (time.perf_counter() - start)

    return {
        "edits.move_interval": timed(
            lambda: edits.move_interval(review, item.uid, item.onset, item.offset + 1)
        ),
        "session.with_rules": timed(lambda: session.with_rules(rules(0.3))),
    }


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--intervals", type=int, default=5000)
    parser.add_argument("--width", type=int, default=1600)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    application = QApplication.instance() or QApplication([])
    sizes = sorted({60, 1000, options.intervals})
    found, parts = {}, {}
    for n in sizes:
        bench = Bench(options.frames, n, options.width)
        held = len(bench.session.shown.items)
        found[held], parts[held] = figures_of(bench), cost_of_parts(bench)
        bench.timeline.close()
    del application
    if options.json:
        medians = {n: {k: float(np.median(v)) for k, v in f.items()} for n, f in found.items()}
        print(json.dumps({"milliseconds": medians, "parts": parts}, indent=1))
        return
    few, most = min(found), max(found)
    print(f"{options.frames} frames, {options.width} px; median / 95th percentile in ms")
    print(f"{'intervals':24}" + "".join(f"{n:>16}" for n in found) + f"{'× few':>8}{'× aim':>8}")
    for name in found[most]:
        cells = [
            f"{np.median(found[n][name]):8.2f}/{np.percentile(found[n][name], 95):7.2f}"
            for n in found
        ]
        growth = np.median(found[most][name]) / np.median(found[few][name])
        aim = np.percentile(found[most][name], 95) / AIMS_MS[name.partition(",")[0]]
        print(f"{name:24}" + "".join(cells) + f"{growth:8.2f}{aim:8.2f}")
    for name in parts[most]:
        print(f"  of it {name:18}" + "".join(f"{parts[n][name]:16.2f}" for n in parts))


if __name__ == "__main__":
    main()
