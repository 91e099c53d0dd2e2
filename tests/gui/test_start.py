"""From a video in napari to its review."""

import shutil

import pytest
from tests.gui.viewers import settle

from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui.lazy_video import source_of
from napari_mespot.gui.session_place import session_path
from napari_mespot.gui.start import StartWidget
from napari_mespot.gui.window import workspace_of


@pytest.fixture
def start(make_napari_viewer_proxy, tmp_path, monkeypatch):
    """Opens the start widget on two videos."""
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))

    def opened():
        viewer = make_napari_viewer_proxy(show=True)
        for name in ("a.mp4", "b.mp4"):
            viewer.open(str(shutil.copy2(sample_path(30), tmp_path / name)), plugin="napari-mespot")
        widget = StartWidget(viewer)
        viewer.window.add_dock_widget(widget, name="Review a video")
        settle(50)
        return viewer, widget

    return opened


def visible(viewer):
    return [layer.name for layer in viewer.layers if layer.visible and source_of(layer)]


def test_the_video_under_review_is_the_one_that_is_seen_and_named(start):
    viewer, widget = start()
    for name in ("a", "b", "a"):
        widget.videos.setCurrentText(name)
        widget.start.click()
        settle(150)
        assert workspace_of(viewer).layer.name == name
        assert visible(viewer) == [name]
        assert widget.videos.currentText() == name
    review = workspace_of(viewer).review
    docks = [w.parent() for w in (widget, review)]
    assert docks[1] in docks[0].parent().tabifiedDockWidgets(docks[0]), "it takes no room above"
    viewer.layers.clear()
    settle(250)


def test_opening_a_video_says_how_to_review_it(start):
    from napari.utils.notifications import notification_manager

    notification_manager.records.clear()
    start()
    for _ in range(400):  # until there is an active window, or it is given up
        settle(50)
        said = [record.message for record in notification_manager.records]
        if said:
            break
    assert any("Review this video" in text for text in said)


def test_the_session_of_a_sample_video_does_not_go_into_the_program(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert sample_path(30).parent not in session_path(sample_path(30)).parents
    own = tmp_path / "clip.mp4"
    assert session_path(own).parent == tmp_path
