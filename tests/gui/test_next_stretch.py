"""The line of the Review dock that says where a look helps most."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMainWindow
from tests.gui.reviews import MAE, ME, N_FRAMES, RATE, prediction, review_of

from napari_mespot.gui.action_table import ACTIONS
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.keymap import Keymap
from napari_mespot.gui.keys import install_keys
from napari_mespot.gui.next_stretch import ALL_SETTLED
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review import Review
from napari_mespot.gui.review_dock import ReviewWidget
from napari_mespot.gui.session import Session
from napari_mespot.model import Interval, ReviewStatus, ScoreSignal
from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

LEFT = Qt.MouseButton.LeftButton
RULES = SpottingParams(
    smoothing=SmoothingParams(cutoff_me_hz=15, cutoff_mae_hz=15),
    detection=DetectionParams(me=KindDetectionParams(threshold=0.2, low_threshold=0.1)),
)


class Player:
    def pause(self):
        pass


def signal(*bumps: tuple[int, float], n: int = N_FRAMES) -> ScoreSignal:
    """ME scores near 0 with bumps of 13 frames (first frame, height)."""
    values = np.full((n, 2), 0.001, np.float32)
    for first, height in bumps:
        values[first : first + 13, 0] = height * np.sin(np.linspace(0, np.pi, 13)) + 0.001
    return ScoreSignal(values, np.ones(n, np.bool_), RATE, "v")


class Desk:
    def __init__(self, qtbot, scores, *, review=None):
        self.session = Session(replace(review or Review("v", N_FRAMES, RATE), scores=scores))
        if scores is not None:
            self.session.commit(self.session.with_rules(RULES), "spot")
        shown = self.session.shown
        self.playhead = Playhead(shown.n_frames, shown.frame_rate)
        self.actions = ReviewActions(self.session, self.playhead, Player())
        self.dock = ReviewWidget(self.session, self.playhead, self.actions)
        self.row = self.dock.next_stretch
        self.window = QMainWindow()
        self.window.setCentralWidget(self.dock)
        qtbot.addWidget(self.window)
        self.window.resize(420, 820)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.uninstall = install_keys(self.window, self.actions, Keymap())
        self.qtbot = qtbot

    def wait_for(self, text):
        self.qtbot.waitUntil(lambda: text in self.row.label.text())

    def do(self, name):
        self.actions.perform(next(a for a in ACTIONS if a.name == name))

    def close(self):
        self.uninstall()
        self.dock.disconnect_all()


@pytest.fixture
def desk_of(qtbot):
    desks = []

    def make(*bumps, **options) -> Desk:
        desks.append(Desk(qtbot, signal(*bumps), **options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(desk_of):
    """A doubtful prediction, a weak peak, and a weaker one."""
    return desk_of((60, 0.23), (160, 0.18), (250, 0.15))


def test_the_most_useful_stretch_is_named_and_gone_to(desk):
    desk.wait_for("Next most useful: 0:01.")
    assert desk.row.label.text().endswith("doubtful ME (0.23)")
    desk.qtbot.mouseClick(desk.row.go, LEFT)
    assert desk.playhead.frame == 66
    assert desk.session.selected.onset in range(60, 66)
    desk.wait_for("Look here: ")
    assert "a doubtful ME, 0.23 at threshold 0.20" in desk.row.label.toolTip()


def test_the_key_goes_from_one_to_the_next_and_around(desk):
    places = []
    for _ in range(4):
        desk.qtbot.keyClick(desk.window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
        places.append(desk.playhead.frame)
    assert places == [66, 166, 256, 66]
    assert desk.session.selected is not None
    desk.do("useful")
    assert desk.session.selected is None  # nothing was found there


def test_deciding_goes_on_to_what_is_useful_next(desk):
    desk.do("useful")
    desk.do("reject")
    assert desk.playhead.frame == 166
    desk.wait_for("weak ME (0.18)")


def test_deciding_elsewhere_goes_on_as_ever(desk_of):
    desk = desk_of((30, 0.9), (60, 0.23), (120, 0.95))
    desk.do("next")
    desk.do("accept")
    assert desk.playhead.frame == 66
    desk.do("accept")
    assert desk.playhead.frame == 126


def test_seen_settles_the_stretch_and_no_more(desk):
    assert not desk.row.seen.isEnabled()
    desk.do("seen")  # nothing was gone to
    assert not desk.session.review.reviewed
    desk.do("useful")
    desk.do("useful")
    before = desk.session.review.items
    desk.qtbot.waitUntil(desk.row.seen.isEnabled)
    desk.qtbot.mouseClick(desk.row.seen, LEFT)
    (reviewed,) = desk.session.review.reviewed
    assert 166 in reviewed
    assert reviewed.n_frames < 45
    assert desk.session.review.items == before
    assert desk.playhead.frame == 66
    desk.session.undo()
    assert not desk.session.review.reviewed


def test_drawing_what_was_missed_settles_it(desk):
    desk.do("useful")
    desk.do("useful")
    desk.actions.add_interval(Interval(161, 171), ME)
    desk.wait_for("Next most useful: 0:01.")
    assert 166 not in [s.frame for s in desk.actions.useful.ranked]


def test_when_all_is_settled_it_says_so(desk):
    desk.do("useful")
    desk.do("accept")
    desk.do("seen")
    desk.do("seen")
    desk.wait_for(ALL_SETTLED)
    assert not desk.row.go.isVisible()
    assert desk.dock.progress.text() == "all 1 reviewed"
    desk.do("useful")  # nowhere to go
    desk.session.undo()
    desk.wait_for("weak ME (0.15)")
    assert desk.row.go.isVisible()


def test_clear_candidates_are_still_to_decide(desk_of):
    desk = desk_of((60, 0.99))
    desk.actions.mark_all_reviewed()
    desk.wait_for("Nothing doubtful is left; 1 still to decide")


def test_before_anything_was_spotted_it_says_so(qtbot):
    desk = Desk(qtbot, None)
    desk.wait_for("Spot first")
    desk.close()


def test_predictions_without_scores_have_their_own(qtbot):
    review = review_of(prediction(20, 29, ME, 0.52), prediction(60, 79, MAE, 0.99))
    desk = Desk(qtbot, None, review=review)
    desk.wait_for("doubtful ME (0.52)")
    desk.close()


def test_it_follows_a_threshold_while_it_is_dragged(desk):
    desk.wait_for("doubtful ME (0.23)")
    me = RULES.detection.me.model_copy(update={"threshold": 0.3})
    dragged = RULES.model_copy(update={"detection": RULES.detection.model_copy(update={"me": me})})
    desk.session.preview_rules(dragged)
    desk.wait_for("weak ME (0.23)")
    desk.session.cancel_preview()
    desk.wait_for("doubtful ME (0.23)")


def test_neither_steps_nor_drags_wait_for_it(desk_of, qtbot, monkeypatch):
    desk = desk_of((60, 0.23))
    desk.wait_for("doubtful ME")
    ranked = []
    rank = type(desk.actions.useful)._rank
    monkeypatch.setattr(
        type(desk.actions.useful), "_rank", lambda self: ranked.append(1) or rank(self)
    )
    start = perf_counter()
    for n in range(20):
        me = RULES.detection.me.model_copy(update={"threshold": 0.2 + n / 1000})
        detection = RULES.detection.model_copy(update={"me": me})
        desk.session.preview_rules(RULES.model_copy(update={"detection": detection}))
        desk.playhead.step(1)
    if perf_counter() - start < 0.1:
        assert not ranked
    qtbot.waitUntil(lambda: ranked == [1])
    desk.playhead.step(1)
    assert ranked == [1]


def test_hidden_it_ranks_nothing(desk, qtbot):
    desk.wait_for("doubtful ME")
    desk.dock.hide()
    desk.session.commit(desk.session.review.with_reviewed(Interval(0, 100)), "look")
    qtbot.wait(250)
    assert not desk.actions.useful.is_fresh
    desk.dock.show()
    desk.wait_for("weak ME (0.18)")


@pytest.mark.parametrize("status", ["accept", "reject", "uncertain"])
def test_whatever_is_decided_is_not_proposed_again(desk, status):
    desk.do("useful")
    desk.do(status)
    assert 66 not in [s.frame for s in desk.actions.useful.ranked]
    assert desk.session.review.items[0].status is not ReviewStatus.PREDICTED
