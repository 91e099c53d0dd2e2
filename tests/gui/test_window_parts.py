"""The parts of the window around the video: docks that come back, a picture that fits, one ▶."""

import shutil

import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QPushButton
from tests.gui.viewers import native_canvas, press, settle

from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui.docks import dock_of
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.start import review_active_video
from napari_mespot.gui.window import add_workspace

PARTS = ("bottom", "review", "spotting", "closeup")


@pytest.fixture
def window(make_napari_viewer_proxy, tmp_path, monkeypatch):
    """Opens a review window of 1280×800 on the sample video."""
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))
    path = shutil.copy2(sample_path(30), tmp_path / "clip.mp4")
    sources = []

    def opened():
        viewer = make_napari_viewer_proxy(show=True)
        viewer.window.resize(1280, 800)
        review = open_review(path)
        sources.append(review.source)
        data, options, _ = video_layer_data(review.source)
        work = add_workspace(viewer, review, viewer.add_image(data, **options))
        settle(200)
        return work

    yield opened
    for source in sources:
        source.close()


def close_button(dock):
    return dock.titleBarWidget().findChild(QPushButton, "QTitleBarCloseButton")


def close(work, part):
    """Press the × of a dock."""
    button = close_button(dock_of(getattr(work, part)))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(60)


def window_menu(work):
    """Open the Window menu; its entries by name."""
    menu = work.viewer.window.window_menu
    menu.popup(work._window.mapToGlobal(QPoint(100, 20)))
    settle(30)
    entries = {action.text(): action for action in menu.actions()}
    menu.close()
    return entries


def is_open(work, part):
    dock = dock_of(getattr(work, part))
    return dock is not None and dock.isVisible()


def test_closed_docks_come_back(window):
    work = window()
    for part in PARTS:
        close(work, part)
        assert not is_open(work, part)
        review_active_video(work.viewer)
        settle(60)
        assert all(is_open(work, each) for each in PARTS), f"{part}, by reviewing again"
    for part in PARTS:
        close(work, part)
    names = ["Timeline", "Review", "Spot", "Close-up"]
    entries = window_menu(work)
    assert not any(entries[name].isChecked() for name in names)
    for name in names:
        entries[name].trigger()
    settle(60)
    assert all(is_open(work, part) for part in PARTS), "by the Window menu"
    assert all(window_menu(work)[name].isChecked() for name in names)
    sides = [dock_of(getattr(work, part)) for part in PARTS[1:]]
    assert set(work._window.tabifiedDockWidgets(sides[0])) == set(sides[1:])
    window_menu(work)["Review"].trigger()
    settle(60)
    assert not is_open(work, "review"), "the menu hides too"
    work.close()
    settle(250)
    assert "Review" not in window_menu(work)


def test_spotting_with_review_closed_shows_it_again(window):
    work = window()
    close(work, "review")
    work.spotting.spotted.emit()
    settle(60)
    assert is_open(work, "review")


def test_space_after_a_dock_was_closed_plays(window):
    work = window()
    """Qt hands the focus on, maybe to the × of the next dock, which Space would press."""
    close(work, "spotting")
    settle(60)
    target = QApplication.focusWidget() or native_canvas(work.viewer)
    QTest.keyClick(target, Qt.Key.Key_Space)
    settle(60)
    assert work.player.is_playing
    QTest.keyClick(QApplication.focusWidget() or native_canvas(work.viewer), Qt.Key.Key_Space)
    assert is_open(work, "review")
    assert is_open(work, "closeup")


def test_keys_work_while_the_timeline_is_closed(window):
    work = window()
    close(work, "bottom")
    press(work.viewer, Qt.Key.Key_Right)
    assert work.playhead.frame == 1


def test_an_error_is_seen_while_the_timeline_is_closed(window):
    work = window()
    from napari.utils.notifications import notification_manager

    close(work, "bottom")
    notification_manager.records.clear()
    work.telling.fail("the disk is full")
    assert [n.message for n in notification_manager.records] == ["the disk is full"]
    review_active_video(work.viewer)
    settle(60)
    assert work.notices.isVisible(), "and stays in the bar"


# -- the picture -----------------------------------------------------------------------------


def share(work):
    """How much of the canvas, in its tighter direction, the layers fill."""
    camera, native = work.viewer.scene.camera, native_canvas(work.viewer)
    world = work.viewer.layers.extent.world
    height, width = (world[1] - world[0])[-2:] * camera.zoom
    return max(height / native.height(), width / native.width())


def test_the_picture_grows_and_shrinks_with_the_window(window):
    work = window()
    for size in [(2400, 1300), (1000, 760), (1280, 800), (1900, 900)]:
        work.viewer.window.resize(*size)
        settle(150)
        assert share(work) == pytest.approx(0.95, abs=0.02), size
    before = work.viewer.scene.camera.zoom
    close(work, "bottom")
    settle(150)
    assert work.viewer.scene.camera.zoom > 1.2 * before
    assert share(work) == pytest.approx(0.95, abs=0.02)


def test_what_somebody_has_zoomed_to_stays_until_it_is_fitted(window):
    work = window()
    camera = work.viewer.scene.camera
    camera.zoom *= 2
    camera.center = (0, 200, 300)
    kept = (camera.zoom, *camera.center)
    work.viewer.window.resize(1700, 1000)
    settle(150)
    assert (camera.zoom, *camera.center) == pytest.approx(kept)
    press(work.viewer, Qt.Key.Key_F)
    settle(60)
    assert share(work) == pytest.approx(0.95, abs=0.02)
    work.viewer.window.resize(1280, 800)
    settle(150)
    assert share(work) == pytest.approx(0.95, abs=0.02), "it follows again"
    work.viewer.scene.camera.zoom *= 3
    settle(30)
    QTest.mouseClick(work.transport._buttons["fit_picture"], Qt.MouseButton.LeftButton)
    settle(60)
    assert share(work) == pytest.approx(0.95, abs=0.02)


# -- napari's own play button -------------------------------------------------------------------


def napari_buttons(work):
    buttons = work._window.findChildren(QPushButton)
    return [b for b in buttons if b.property("playing") is not None and b.axis == 0]


def test_naparis_play_button_is_not_there(window):
    work = window()
    assert not [b for b in napari_buttons(work) if b.isVisible()]
    work.close()
    settle(250)
    assert [b for b in napari_buttons(work) if b.isVisible()], "it is given back"


def test_it_stays_away_where_another_layer_brings_an_axis(window):
    work = window()
    import numpy as np

    work.viewer.add_image(np.zeros((3, 4, 5, 6)))
    settle(60)
    axis = work.viewer.dims.ndim - work.layer.ndim
    buttons = work._window.findChildren(QPushButton)
    ours = [b for b in buttons if b.property("playing") is not None and b.axis == axis]
    assert ours
    assert not [b for b in ours if b.isVisible()]


def test_where_napari_starts_to_play_ours_plays(window):
    work = window()
    from napari._app_model import get_app_model  # the menu entry, as the menu runs it

    def by_menu():
        get_app_model().commands.execute_command("napari.window.view.toggle_play").result()
        settle(200)

    by_menu()
    assert work.player.is_playing
    assert not [b for b in napari_buttons(work) if b.property("playing") == "True"]
    by_menu()
    assert not work.player.is_playing
