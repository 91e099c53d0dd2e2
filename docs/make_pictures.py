"""Draw the pictures of the documentation: open the real window, and review the sample in it.

Mouse and keys are Qt events as a hand makes them, so a picture shows what the window does. The
steps are those of ``getting-started/review.md``. Run by ``make pictures``; needs Xvfb, so that
every machine has the same screen.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hand import Hand
from qtpy.QtCore import QPointF
from qtpy.QtWidgets import QSlider

from napari_mespot.frames.synthetic.sample import sample_path
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.window import open_window
from napari_mespot.model import ExpressionKind

PICTURES = Path(__file__).with_name("pictures")
SIZE = (1280, 800)
_MOST_BYTES = 400_000


def main() -> int:
    """Draw all pictures into ``docs/pictures/``, on a screen in memory; return an exit code."""
    if sys.argv[1:] == ["--here"]:
        draw_all()
        return 0
    command = shutil.which("Xvfb")
    if command is None:
        raise SystemExit("expected Xvfb to draw on, found none; install the package xvfb")
    options = ["-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"]
    with (
        subprocess.Popen(
            [command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server,
        TemporaryDirectory() as settings,
    ):
        assert server.stdout is not None  # noqa: S101 - it is a pipe
        number = server.stdout.readline().strip()
        try:
            # A process of its own, that is gone before its screen is.
            return subprocess.run(
                [sys.executable, __file__, "--here"],
                check=False,
                env=_plain_environment(f":{number}", Path(settings)),
            ).returncode
        finally:
            server.terminate()


def draw_all() -> None:
    """Draw all pictures on the screen there is."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, _hand_on_sample(Path(folder)) as hand:
        for draw in (spot, edge, coding, closeup, review, threshold, keys, light):
            picture = draw(hand)
            if len(picture) > _MOST_BYTES:
                raise ValueError(f"Expected at most {_MOST_BYTES} bytes, got {len(picture)}")
            (PICTURES / f"{draw.__name__}.png").write_bytes(picture)


def spot(hand: Hand) -> bytes:
    """Show the window as it opens on a video that nobody has worked on."""
    return hand.picture()


def edge(hand: Hand) -> bytes:
    """Spot; accept the first; set the onset of the next by key, zoom to it and drag its offset."""
    timeline, session = hand.workspace.timeline, hand.session
    hand.click(hand.workspace.spotting.run_box.run_button)
    hand.wait_until(lambda: session.whole_scores is not None)
    hand.key("N")
    hand.key("U")
    hand.go_to(132)
    hand.key("[")
    hand.key("'")
    item = session.selected
    start = timeline.edge_position(item.uid, "offset")
    end = timeline.lane_position(item.kind, 188)
    end.setY(start.y())
    with hand.drag(timeline, start, end):
        return hand.picture()


def coding(hand: Hand) -> bytes:
    """Accept it, and write the action units of the next."""
    hand.leave(hand.workspace.timeline)
    hand.key("U")
    hand.key("-")
    form = hand.workspace.review.form
    hand.scroll_to(form.notes)
    hand.type_into(form.action_units, "L12")
    return hand.picture()


def closeup(hand: Hand) -> bytes:
    """Go on to a faint one, and see it close up with its motion magnified."""
    closeup = hand.workspace.closeup
    hand.type_into(hand.workspace.review.form.action_units, "B")
    hand.key("Enter")
    hand.scroll_to(hand.workspace.review.original)
    hand.key("U")
    hand.key("U")
    hand.click_tab("Close-up")
    hand.wait_until(lambda: not closeup.is_busy and not closeup.status)
    hand.slide(closeup.controls.findChildren(QSlider)[0], 8)
    return hand.picture()


def review(hand: Hand) -> bytes:
    """Accept it and reject the next."""
    hand.click_tab("Review")
    for key in "UW":
        hand.key(key)
    return hand.picture()


def threshold(hand: Hand) -> bytes:
    """Shorten that one; drag the threshold of MaEs down, and take it back."""
    hand.go_to(509)
    hand.key("]")
    hand.key("U")
    timeline = hand.workspace.timeline
    start = timeline.threshold_position(ExpressionKind.MACRO)
    with hand.drag(timeline, start, start + QPointF(0, 12)):
        picture = hand.picture()
    hand.leave(timeline)
    hand.key("Ctrl+Z")
    return picture


def keys(hand: Hand) -> bytes:
    """Show the keys."""
    hand.key("F1")
    return hand.picture()


def light(hand: Hand) -> bytes:
    """Change to the light theme."""
    hand.key("Esc")
    hand.window.activateWindow()
    hand.key("Ctrl+Shift+T")
    hand.wait_until(lambda: hand.workspace.viewer.theme == "light")
    return hand.picture()


@contextmanager
def _hand_on_sample(folder: Path) -> Iterator[Hand]:
    """Open the window on a copy of the sample."""
    video = folder / "interview.mp4"
    shutil.copy2(sample_path(30), video)
    workspace = open_window(open_review(video), size=SIZE, theme="dark")
    hand = Hand(workspace)
    try:
        yield hand
    finally:
        workspace.viewer.close()


def _plain_environment(display: str, folder: Path) -> dict[str, str]:
    """Take neither settings nor caches of whoever runs this."""
    own = {
        "DISPLAY": display,
        "MESPOT_CONFIG_DIR": str(folder / "mespot"),
        "MESPOT_CACHE_DIR": str(folder / "cache"),
        "NAPARI_CONFIG": str(folder / "napari.yaml"),
    }
    others = {
        k: v for k, v in os.environ.items() if k not in {"QT_QPA_PLATFORM", "QT_SCALE_FACTOR"}
    }
    return {**others, **own}


if __name__ == "__main__":
    sys.exit(main())
