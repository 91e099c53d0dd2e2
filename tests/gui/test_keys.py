"""Keys in a napari window: heard wherever the focus is, except where somebody types."""

from types import SimpleNamespace

import numpy as np
import pytest
from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from tests.gui.reviews import MAE, RATE, prediction, review_of, scores_with_peaks
from tests.gui.viewers import native_canvas, settle

from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.keymap import Keymap
from napari_mespot.gui.keys import install_keys, key_names
from napari_mespot.gui.player import Player
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.session import Session

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def dock(qapp):
    """A docked form with everything that can have the focus."""
    dock = QWidget()
    layout = QVBoxLayout(dock)
    for name, widget in {
        "line": QLineEdit(),
        "notes": QPlainTextEdit(),
        "spin": QSpinBox(),
        "combo": QComboBox(),
        "button": QPushButton("press"),
        "slider": QSlider(Qt.Orientation.Horizontal),
    }.items():
        setattr(dock, name, widget)
        layout.addWidget(widget)
    dock.combo.addItems(["none", "U", "N"])
    dock.pressed = []
    dock.button.clicked.connect(lambda: dock.pressed.append(1))
    return dock


@pytest.fixture
def viewer(make_napari_viewer_proxy, dock):
    viewer = make_napari_viewer_proxy(show=True)
    viewer.add_image(np.zeros((300, 20, 20)))
    viewer.add_shapes(np.array([[0, 0], [0, 9], [9, 9], [9, 0]]))
    viewer.window.add_dock_widget(dock, name="form", area="right")
    viewer.window.activate()
    settle()
    return viewer


@pytest.fixture
def work(viewer, qapp):
    items = (prediction(10, 30), prediction(50, 80, MAE), prediction(100, 120))
    session = Session(review_of(*items))
    playhead = Playhead(300, RATE)
    player = Player(playhead)
    work = SimpleNamespace(session=session, playhead=playhead, player=player, ran=[], viewer=viewer)
    work.actions = ReviewActions(session, playhead, player)
    work.actions.done.connect(work.ran.append)
    work.uninstall = install_keys(viewer_window(viewer), work.actions, Keymap())
    yield work
    player.pause()
    work.uninstall()


def viewer_window(viewer):
    return native_canvas(viewer).window()


def on_canvas(work, key, modifiers=Mod.NoModifier):
    QTest.keyClick(native_canvas(work.viewer), key, modifiers)


def send(widget, kind, key, text="", modifiers=Mod.NoModifier, repeat=False):
    event = QKeyEvent(kind, key, modifiers, text, repeat)
    QApplication.sendEvent(widget, event)
    return event


def focus(widget, reason=Qt.FocusReason.MouseFocusReason):
    widget.window().activateWindow()
    QTest.qWaitForWindowActive(widget.window(), 1000)
    widget.setFocus(reason)
    assert QApplication.focusWidget() is widget


def test_keys_reach_the_actions_from_the_canvas(work):
    on_canvas(work, Key.Key_N)
    assert work.session.selected.onset == 10
    assert work.playhead.frame == 20
    on_canvas(work, Key.Key_U)
    assert work.session.selected.onset == 50
    on_canvas(work, Key.Key_Right)
    on_canvas(work, Key.Key_BracketLeft)
    assert work.session.selected.onset == 66
    on_canvas(work, Key.Key_Z, Mod.ControlModifier)
    assert work.session.selected.onset == 50
    on_canvas(work, Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    assert work.session.selected.onset == 66
    assert work.ran == ["next", "accept", "forward", "onset", "undo", "redo"]


def test_napari_does_not_hear_a_key_of_ours(work):
    layer = work.viewer.layers[1]
    work.viewer.layers.selection.active = layer
    mode = str(layer.mode)
    on_canvas(work, Key.Key_L)  # napari: draw a line
    assert work.player.is_playing
    assert str(layer.mode) == mode
    step = work.viewer.dims.current_step[0]
    on_canvas(work, Key.Key_K)
    on_canvas(work, Key.Key_Right)  # napari: next step
    assert work.viewer.dims.current_step[0] == step


def test_keys_that_are_not_ours_go_to_napari(work):
    layer = work.viewer.layers[1]
    work.viewer.layers.selection.active = layer
    on_canvas(work, Key.Key_R)
    assert str(layer.mode) == "add_rectangle"


@pytest.mark.parametrize(
    ("key", "modifiers", "name"),
    [
        (Key.Key_V, Mod.NoModifier, "V"),
        (Key.Key_1, Mod.NoModifier, "1"),
        (Key.Key_2, Mod.NoModifier, "2"),
        (Key.Key_V, Mod.ShiftModifier, "Shift+V"),
        (Key.Key_T, Mod.ControlModifier, "Ctrl+T"),
        (Key.Key_Y, Mod.ControlModifier, "Ctrl+Y"),
    ],
)
def test_keys_that_would_hide_or_turn_the_video_do_nothing_and_say_so(work, key, modifiers, name):
    layer, said = work.viewer.layers[0], []
    work.viewer.layers.selection.active = layer
    work.session.said.connect(said.append)
    before = (layer.visible, str(layer.mode), work.viewer.dims.order, work.viewer.dims.ndisplay)
    on_canvas(work, key, modifiers)
    after = (layer.visible, str(layer.mode), work.viewer.dims.order, work.viewer.dims.ndisplay)
    assert after == before
    assert len(said) == 1
    assert said[0].startswith(f"{name} does nothing here")


def test_a_switched_off_key_can_be_given_to_an_action(work):
    work.uninstall()
    keymap = Keymap().with_keys("next", "V")
    work.uninstall = install_keys(viewer_window(work.viewer), work.actions, keymap)
    on_canvas(work, Key.Key_V)
    assert work.ran == ["next"]


def test_ctrl_s_saves_the_session_also_while_somebody_types(work, dock):
    asked = []
    work.actions.save_asked.connect(lambda: asked.append(1))
    on_canvas(work, Key.Key_S, Mod.ControlModifier)
    focus(dock.line)
    QTest.keyClick(dock.line, Key.Key_S, Mod.ControlModifier)
    assert len(asked) == 2
    assert work.ran == ["save", "save"]


def test_a_held_undo_does_not_take_a_run_away(work):
    canvas = native_canvas(work.viewer)
    scores = scores_with_peaks((150, 157, 0.9))
    work.session.set_scores(scores, work.session.review.rules, "a")
    found = work.session.review
    work.session.set_scores(scores_with_peaks((200, 207, 0.9)), found.rules, "b")
    second = work.session.review
    work.session.select(second.items[0].uid)
    on_canvas(work, Key.Key_Q)
    send(canvas, QEvent.Type.KeyPress, Key.Key_Z, modifiers=Mod.ControlModifier)
    for _ in range(4):
        send(canvas, QEvent.Type.KeyPress, Key.Key_Z, modifiers=Mod.ControlModifier, repeat=True)
    send(canvas, QEvent.Type.KeyRelease, Key.Key_Z, modifiers=Mod.ControlModifier)
    assert work.session.review == second
    on_canvas(work, Key.Key_Z, Mod.ControlModifier)
    assert work.session.review == found


def test_space_plays_and_pauses_once_per_press(work):
    canvas = native_canvas(work.viewer)
    send(canvas, QEvent.Type.KeyPress, Key.Key_Space, " ")
    for _ in range(3):
        send(canvas, QEvent.Type.KeyPress, Key.Key_Space, " ", repeat=True)
        send(canvas, QEvent.Type.KeyRelease, Key.Key_Space, " ", repeat=True)
    send(canvas, QEvent.Type.KeyRelease, Key.Key_Space, " ")
    assert work.player.is_playing
    assert work.ran == ["play"]


def test_a_held_arrow_steps_again_and_again(work):
    canvas = native_canvas(work.viewer)
    send(canvas, QEvent.Type.KeyPress, Key.Key_Right)
    for _ in range(4):
        send(canvas, QEvent.Type.KeyPress, Key.Key_Right, repeat=True)
    send(canvas, QEvent.Type.KeyRelease, Key.Key_Right)
    assert work.playhead.frame == 5


def test_an_interval_lasts_as_long_as_its_key_is_held(work):
    canvas = native_canvas(work.viewer)
    work.playhead.seek(200)
    send(canvas, QEvent.Type.KeyPress, Key.Key_M, "m")
    work.playhead.seek(210)
    send(canvas, QEvent.Type.KeyPress, Key.Key_M, "m", repeat=True)
    send(canvas, QEvent.Type.KeyRelease, Key.Key_M, "m", repeat=True)
    work.playhead.seek(231)
    send(canvas, QEvent.Type.KeyRelease, Key.Key_M, "m")
    interval = work.session.selected.expression.interval
    assert (interval.onset, interval.offset) == (200, 231)


def test_a_window_left_lets_held_keys_go(work):
    canvas = native_canvas(work.viewer)
    work.playhead.seek(200)
    send(canvas, QEvent.Type.KeyPress, Key.Key_M, "m")
    work.playhead.seek(222)
    QApplication.sendEvent(canvas.window(), QEvent(QEvent.Type.WindowDeactivate))
    assert work.session.selected.offset == 222
    send(canvas, QEvent.Type.KeyRelease, Key.Key_M, "m")
    assert len(work.session.review.items) == 4


@pytest.mark.parametrize("name", ["line", "notes"])
def test_typing_is_left_alone(work, dock, name):
    field = getattr(dock, name)
    focus(field)
    QTest.keyClicks(field, "unhm [8];")
    QTest.keyClick(field, Key.Key_Up)
    QTest.keyClick(field, Key.Key_Left)
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Key.Key_Z, Mod.ControlModifier)
    text = field.text() if name == "line" else field.toPlainText()
    assert text.startswith("unhm [8]")
    assert work.ran == []
    assert work.playhead.frame == 0


def test_numbers_are_typed_and_stepped_in_a_spin_box(work, dock):
    focus(dock.spin)
    dock.spin.selectAll()
    QTest.keyClicks(dock.spin, "89")
    QTest.keyClick(dock.spin, Key.Key_Up)
    assert dock.spin.value() == 90
    assert work.ran == []


def test_a_field_that_only_shows_text_takes_no_keys(work, dock):
    dock.line.setReadOnly(True)
    focus(dock.line)
    QTest.keyClick(dock.line, Key.Key_N)
    assert work.ran == ["next"]


def test_a_clicked_button_or_list_does_not_take_the_keys(work, dock):
    focus(dock.button)
    QTest.keyClick(dock.button, Key.Key_Space)
    assert work.ran == ["play"]
    assert not dock.pressed
    focus(dock.combo)
    QTest.keyClick(dock.combo, Key.Key_U)
    assert dock.combo.currentText() == "none"
    focus(dock.slider)
    QTest.keyClick(dock.slider, Key.Key_Right)
    assert dock.slider.value() == 0
    assert work.ran == ["play", "accept", "forward"]


def test_what_was_reached_by_tab_is_worked_by_its_keys(work, dock):
    focus(dock.button, Qt.FocusReason.TabFocusReason)
    QTest.keyClick(dock.button, Key.Key_Space)
    assert dock.pressed
    focus(dock.slider, Qt.FocusReason.TabFocusReason)
    QTest.keyClick(dock.slider, Key.Key_Right)
    assert dock.slider.value() == 1
    assert work.ran == []
    QTest.keyClick(dock.slider, Key.Key_N)
    assert work.ran == ["next"]


def test_a_floating_dock_belongs_to_the_window(work, dock):
    dock.parentWidget().setFloating(True)
    settle()
    assert dock.window() is not native_canvas(work.viewer).window()
    QTest.keyClick(dock.button, Key.Key_N)
    assert work.ran == ["next"]


def test_dialogs_menus_and_other_windows_keep_their_keys(work, dock, qtbot):
    dialog = QDialog(dock.window())
    layout = QVBoxLayout(dialog)
    button = QPushButton("in a dialog")
    layout.addWidget(button)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClick(button, Key.Key_N)
    dialog.close()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    QTest.keyClick(other, Key.Key_N)
    other.close()
    menu = QMenu(dock)
    menu.addAction("new")
    menu.popup(dock.mapToGlobal(dock.rect().center()))
    settle()
    QTest.keyClick(native_canvas(work.viewer), Key.Key_N)
    menu.close()
    assert work.ran == []


def test_another_keymap_takes_the_place_of_this_one(work):
    work.uninstall()
    keymap = Keymap().with_keys("next", "F4").with_keys("accept", "Shift+N")
    work.uninstall = install_keys(viewer_window(work.viewer), work.actions, keymap)
    on_canvas(work, Key.Key_N)
    assert work.ran == []
    on_canvas(work, Key.Key_F4)
    on_canvas(work, Key.Key_N, Mod.ShiftModifier)
    assert work.ran == ["next", "accept"]


def test_after_it_ends_napari_has_its_keys_back(work):
    work.uninstall()
    work.uninstall()
    work.viewer.dims.set_current_step(0, 7)
    native = native_canvas(work.viewer)
    QTest.keyClick(native, Key.Key_Right)
    assert work.ran == []
    assert work.viewer.dims.current_step[0] == 8


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "names"),
    [
        (Key.Key_U, Mod.NoModifier, "u", ["U"]),
        (Key.Key_U, Mod.ShiftModifier, "U", ["Shift+U"]),
        (Key.Key_8, Mod.KeypadModifier, "8", ["8"]),
        (Key.Key_Left, Mod.KeypadModifier, "", ["Left"]),
        (Key.Key_Slash, Mod.ShiftModifier, "/", ["Shift+/", "/"]),  # German: Shift+7
        (Key.Key_BracketLeft, Mod.GroupSwitchModifier, "[", ["["]),
        (Key.Key_BracketLeft, Mod.ControlModifier | Mod.AltModifier, "[", ["Ctrl+Alt+[", "["]),
        (Key.Key_8, Mod.ShiftModifier, "8", ["Shift+8", "8"]),  # French
        (Key.Key_Z, Mod.ControlModifier, "\x1a", ["Ctrl+Z"]),
        (Key.Key_Space, Mod.ShiftModifier, " ", ["Shift+Space"]),
        (Key.Key_unknown, Mod.NoModifier, "", []),
    ],
)
def test_keys_of_other_keyboards_have_the_same_names(key, modifiers, text, names):
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)
    assert list(key_names(event)) == names
