"""A timeline on a screen, and the mouse and keys that work it."""

from contextlib import contextmanager
from dataclasses import replace

from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent, QWheelEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication
from tests.gui.reviews import only, prediction, review_of, scores_with_peaks

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session
from napari_mespot.gui.timeline import TimelineWidget
from napari_mespot.model import ExpressionKind
from napari_mespot.spotting.params import (
    DetectionParams,
    KindDetectionParams,
    SmoothingParams,
    SpottingParams,
)

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO
LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.NoButton
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
KEY = Qt.Key
WIDTH, HEIGHT = 968, 280
"""300 frames are 3 pixels wide each, beside names and margin."""

A, B, C = prediction(60, 79), prediction(150, 209, MAE), prediction(240, 259)


def rules(threshold=0.5, low=0.25):
    kind = KindDetectionParams(
        threshold=threshold,
        low_threshold=low,
        merge_gap_s=0,
        min_duration_s=0,
        max_duration_s=60,
    )
    return SpottingParams(
        smoothing=SmoothingParams(cutoff_me_hz=14, cutoff_mae_hz=14),
        detection=DetectionParams(me=kind, mae=kind),
    )


class Desk:
    """A timeline with its session, playhead and actions."""

    def __init__(self, qtbot, *items, n_frames=300, scores=None, size=(WIDTH, HEIGHT)):
        review = replace(review_of(*items, n_frames=n_frames), rules=rules(), scores=scores)
        self.session = Session(review, coder="XY")
        self.playhead = Playhead(n_frames, review.frame_rate)
        self.player = Player(self.playhead)
        self.actions = ReviewActions(self.session, self.playhead, self.player)
        self.timeline = TimelineWidget(self.session, self.playhead, self.actions)
        self.actions.fit_asked.connect(self.timeline.fit)
        self.steps = []
        self.session.stepped.connect(self.steps.append)
        qtbot.addWidget(self.timeline)
        self.timeline.resize(*size)
        self.timeline.show()
        QApplication.processEvents()

    def item(self, uid):
        return self.session.review.by_uid[uid]

    def span(self, uid, shown=False):
        review = self.session.shown if shown else self.session.review
        item = review.by_uid[uid]
        return item.onset, item.offset

    def place(self, uid, part):
        return self.timeline.edge_position(uid, part)

    def lane(self, kind, frame):
        return self.timeline.lane_position(kind, frame)

    def on_screen(self):
        """The picture as the screen shows it, not as it would be drawn anew."""
        timeline = self.timeline
        return timeline.screen().grabWindow(timeline.winId()).toImage()

    def px(self, frames):
        return QPointF(frames * self.timeline.view.frame_px, 0)

    def mouse(self, kind, place, button=LEFT, held=LEFT, modifiers=PLAIN):
        globally = QPointF(self.timeline.mapToGlobal(QPoint(0, 0))) + place
        event = QMouseEvent(kind, place, globally, button, held, modifiers)
        QApplication.sendEvent(self.timeline.canvas, event)

    def press(self, place, button=LEFT, modifiers=PLAIN):
        self.mouse(QEvent.Type.MouseButtonPress, place, button, button, modifiers)

    def move(self, place, held=LEFT, modifiers=PLAIN):
        self.mouse(QEvent.Type.MouseMove, place, NONE, held, modifiers)

    def release(self, place, button=LEFT, modifiers=PLAIN):
        self.mouse(QEvent.Type.MouseButtonRelease, place, button, NONE, modifiers)

    @contextmanager
    def held(self, start, button=LEFT, modifiers=PLAIN):
        """The button is held from `start`; where it is let go is said by the last move."""
        at = [start]

        def move(by):
            for share in (0.3, 0.7, 1.0):
                self.move(start + by * share, button, modifiers)
            at[0] = start + by

        self.press(start, button, modifiers)
        yield move
        self.release(at[0], button, modifiers)

    def drag(self, start, by, button=LEFT, modifiers=PLAIN):
        with self.held(start, button, modifiers) as move:
            move(by)

    def click(self, place):
        self.press(place)
        self.release(place)

    def double_click(self, place):
        self.click(place)
        self.mouse(QEvent.Type.MouseButtonDblClick, place)
        self.release(place)

    def key(self, key):
        QTest.keyClick(self.timeline.canvas, key)

    def wheel(self, place, steps=1, sideways=0, modifiers=PLAIN):
        event = QWheelEvent(
            place,
            QPointF(self.timeline.mapToGlobal(QPoint(0, 0))) + place,
            QPoint(),
            QPoint(round(120 * sideways), round(120 * steps)),
            NONE,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(self.timeline.canvas, event)

    def picture(self):
        return self.timeline.grab().toImage()


def peaks(*spans):
    return scores_with_peaks(*spans)


def peaks_of_me(*spans):
    """Scores whose track of MaE knows of nothing."""
    return only(ME, scores_with_peaks(*spans))
