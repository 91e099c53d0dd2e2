"""The whole window, as a reviewer works in it: real video, real mouse, real keys, real files."""

import shutil
import threading

import numpy as np
import pytest
from qtpy.QtCore import QPointF, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMenu
from tests.gui.viewers import drag, press, settle

from napari_mespot.frames.synthetic import sample_path
from napari_mespot.gui.lazy_video import video_layer_data
from napari_mespot.gui.opening import open_review
from napari_mespot.gui.session_file import read_session
from napari_mespot.gui.spotting_request import THREAD_NAME
from napari_mespot.gui.store import session_path
from napari_mespot.gui.window import add_workspace, workspace_of
from napari_mespot.io import read_table, write_table
from napari_mespot.model import Annotation, Expression, ExpressionKind, Interval, ReviewStatus

ME, MAE = ExpressionKind.MICRO, ExpressionKind.MACRO


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("MESPOT_CONFIG_DIR", str(tmp_path / "config"))


@pytest.fixture
def video(tmp_path):
    return shutil.copy2(sample_path(30), tmp_path / "clip.mp4")


@pytest.fixture
def predictions(tmp_path):
    """A table with three predictions of the clip."""
    found = [(60, 70, ME, 0.3), (133, 190, MAE, 0.9), (231, 240, ME, 0.6)]
    expressions = [
        Expression(
            Interval(a, b),
            kind,
            apex=(a + b) // 2,
            score=s,
            status=ReviewStatus.PREDICTED,
            source="synthetic-v1",
        )
        for a, b, kind, s in found
    ]
    path = tmp_path / "clip.intervals.csv"
    write_table(path, [Annotation("clip", 600, None, tuple(expressions))])
    return path


@pytest.fixture
def window(make_napari_viewer_proxy):
    """Opens review windows of 1280×800."""

    def opened(path, **options):
        viewer = make_napari_viewer_proxy(show=True)
        viewer.window.resize(1280, 800)
        review = open_review(path, **options)
        data, layer_options, _ = video_layer_data(review.source)
        layer = viewer.add_image(data, **layer_options)
        workspace = add_workspace(viewer, review, layer)
        settle(150)
        return workspace

    return opened


def spans(session):
    return [(i.onset, i.offset, i.kind.value, i.status.value) for i in session.review.items]


def shown_frame(workspace) -> int:
    return round(workspace.layer.world_to_data(workspace.viewer.dims.point)[0])


def test_a_review_from_the_first_key_to_the_saved_file(window, video, predictions):
    work = window(video, predictions=predictions)
    viewer, timeline = work.viewer, work.timeline
    press(viewer, Qt.Key.Key_N)
    assert work.session.selected.onset == 60
    assert shown_frame(work) == work.playhead.frame == 65
    press(viewer, Qt.Key.Key_Apostrophe)  # zoom to it
    edge = timeline.edge_position("ME:60-70", "offset")
    drag(
        timeline,
        edge,
        edge + QPointF(4 * timeline.view.frame_px, 0),
    )
    assert spans(work.session)[0] == (60, 74, "ME", "corrected")
    assert shown_frame(work) == 74, "the video shows the frame of the edge"
    press(viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert spans(work.session)[0] == (60, 70, "ME", "predicted")
    press(viewer, Qt.Key.Key_U)
    assert spans(work.session)[0] == (60, 70, "ME", "accepted")
    assert work.session.selected.onset == 133, "on to the next"
    press(viewer, Qt.Key.Key_W)
    press(viewer, Qt.Key.Key_Q)
    assert [s[3] for s in spans(work.session)] == ["accepted", "rejected", "uncertain"]
    work.playhead.seek(300)
    press(viewer, Qt.Key.Key_M)
    assert spans(work.session)[3] == (300, 305, "ME", "labelled")
    work.close()
    again = read_session(session_path(work.source.path))
    assert again.review == work.session.review
    assert window(video).session.review == again.review


def test_arrow_keys_step_and_repeat_exactly(window, video):
    work = window(video)
    for _ in range(5):
        press(work.viewer, Qt.Key.Key_Right)
    press(work.viewer, Qt.Key.Key_Left)
    assert work.playhead.frame == shown_frame(work) == 4
    press(work.viewer, Qt.Key.Key_Up)
    assert shown_frame(work) == 14
    image = np.asarray(work.layer.data[14])
    assert np.array_equal(image, work.source.read(14))


def test_space_plays_at_true_speed(window, video):
    work = window(video)
    press(work.viewer, Qt.Key.Key_Space)
    settle(1000)
    press(work.viewer, Qt.Key.Key_Space)
    assert 15 <= work.playhead.frame <= 60, "about 30 frames in a second"
    where = work.playhead.frame
    settle(100)
    assert work.playhead.frame == where


def test_a_second_window_on_the_same_video_is_warned(window, video, predictions):
    from napari_mespot.gui.opening import open_review as second

    work = window(video, predictions=predictions)
    other = second(video)
    assert any("another window" in text for text in other.notices)
    other.store.close()
    other.source.close()
    assert spans(work.session)


def test_the_file_menu_saves_the_review_and_no_video(window, video, predictions):
    work = window(video, predictions=predictions)
    menu = next(
        m for m in work.bottom.window().findChildren(QMenu) if work._file_menu.entry in m.actions()
    )
    press(work.viewer, Qt.Key.Key_N)
    press(work.viewer, Qt.Key.Key_U)
    assert not work.store.is_saved

    def entries():
        menu.aboutToShow.emit()
        texts = [a.text().partition("\t")[0] for a in menu.actions() if a.isVisible()]
        return [text for text in texts if text.startswith("Save") and "Screenshot" not in text]

    assert entries() == ["Save the Review"]
    work._file_menu.entry.trigger()
    assert work.store.is_saved
    work.viewer.layers.selection.select_only(work.viewer.layers["intervals"])
    assert entries() == ["Save the Review", "Save Selected Layers..."]
    work.close()
    assert entries() == ["Save Selected Layers...", "Save All Layers..."]
    settle(150)


def test_ctrl_s_saves_the_session(window, video, predictions):
    work = window(video, predictions=predictions)
    press(work.viewer, Qt.Key.Key_N)
    press(work.viewer, Qt.Key.Key_U)
    press(work.viewer, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert work.store.is_saved
    assert work.step_line.line == "Saved: clip.mp4.mespot"
    assert QApplication.activeModalWidget() is None


def test_removing_the_video_layer_ends_the_review_and_saves(window, video, predictions):
    work = window(video, predictions=predictions)
    press(work.viewer, Qt.Key.Key_N)
    press(work.viewer, Qt.Key.Key_U)
    work.viewer.layers.remove(work.layer.name)
    settle(250)
    assert work.is_closed
    assert workspace_of(work.viewer) is None
    assert "intervals" not in work.viewer.layers
    saved = read_session(session_path(work.source.path)).review
    assert saved.items[0].status is ReviewStatus.ACCEPTED


def test_removing_the_shapes_leaves_the_review(window, video, predictions):
    work = window(video, predictions=predictions)
    work.viewer.layers.remove("intervals")
    press(work.viewer, Qt.Key.Key_N)
    press(work.viewer, Qt.Key.Key_U)
    assert work.session.review.items[0].status is ReviewStatus.ACCEPTED


def test_another_video_takes_the_place(window, video, predictions, tmp_path):
    first = window(video, predictions=predictions)
    second = shutil.copy2(video, tmp_path / "other.mp4")
    opened = open_review(second)
    data, options, _ = video_layer_data(opened.source)
    work = add_workspace(first.viewer, opened, first.viewer.add_image(data, **options))
    settle(150)
    assert first.is_closed
    press(work.viewer, Qt.Key.Key_Right)
    assert work.playhead.frame == 1
    assert first.playhead.frame == 0


def test_a_table_dropped_onto_the_window_is_added(window, video, predictions):
    work = window(video)
    work.viewer.open(str(predictions), plugin="napari-mespot")
    settle(100)
    assert len(work.session.review.items) == 3
    assert [layer.name for layer in work.viewer.layers] == ["clip", "intervals"]
    press(work.viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not work.session.review.items


def test_exported_corrections_are_read_again(window, video, predictions, tmp_path):
    work = window(video, predictions=predictions)
    press(work.viewer, Qt.Key.Key_N)
    press(work.viewer, Qt.Key.Key_U)
    path = tmp_path / "corrected.csv"
    work.viewer.layers["intervals"].save(str(path), plugin="napari-mespot")
    (table,) = read_table(path)
    assert table == work.session.review.annotation()
    assert table.reviewed == (Interval(60, 70),)


def test_typing_in_a_field_runs_no_action(window, video, predictions):
    work = window(video, predictions=predictions)
    press(work.viewer, Qt.Key.Key_N)
    field = work.review.form.findChildren(type(work.review.form.action_units))[0]
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    QTest.keyClicks(field, "4B+7u")
    assert work.session.review.items[0].status is ReviewStatus.PREDICTED
    QTest.keyClick(field, Qt.Key.Key_Return)
    settle()
    assert work.session.review.items[0].expression.action_units == "4B+7u"


def test_the_keys_are_shown(window, video):
    work = window(video)
    press(work.viewer, Qt.Key.Key_F1)
    settle(50)
    assert work._dialog is not None
    assert work._dialog.isVisible()
    work._dialog.close()
    settle(50)
    assert work._dialog is None


def test_going_to_a_time(window, video):
    work = window(video)
    press(work.viewer, Qt.Key.Key_G)
    settle(50)
    dialog = work._dialog
    QTest.keyClicks(dialog.field, "nowhere")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible(), "what cannot be read is explained"
    dialog.field.clear()
    QTest.keyClicks(dialog.field, "4.5 s")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    settle(50)
    assert shown_frame(work) == 135


@pytest.mark.parametrize("size", [(1280, 800), (2560, 1440)])
def test_nothing_is_cut_off(window, video, predictions, size):
    work = window(video, predictions=predictions)
    work.viewer.window.resize(*size)
    settle(150)
    bar = work.transport
    for button in bar.findChildren(type(bar._buttons["play"])):
        assert bar.rect().contains(button.geometry())
    assert work.timeline.height() >= work.timeline.minimumSizeHint().height()
    assert work.bottom.width() >= size[0] - 60


def test_closing_and_opening_ten_times(make_napari_viewer_proxy, video, predictions):
    viewer = make_napari_viewer_proxy(show=True)
    for _ in range(10):
        opened = open_review(video, predictions=predictions)
        data, options, _ = video_layer_data(opened.source)
        work = add_workspace(viewer, opened, viewer.add_image(data, **options))
        settle(20)
        viewer.layers.clear()
        settle(20)
        assert work.is_closed
    assert not viewer.layers


def wait_for(condition, seconds: float = 90.0) -> None:
    for _ in range(int(seconds / 0.05)):
        if condition():
            return
        settle(50)
    raise AssertionError("it did not happen")


def test_spotting_in_the_window_and_what_was_found_is_kept(window, video):
    work = window(video)
    QTest.mouseClick(work.spotting.run_box.run_button, Qt.MouseButton.LeftButton)
    wait_for(lambda: work.session.whole_scores is not None)
    settle(100)
    assert work.session.review.items
    saved = read_session(session_path(work.source.path))
    assert saved.review == work.session.review, "minutes of work are saved at once"
    assert saved.review.scores == work.session.whole_scores
    before = len(work.session.shown.items)
    line = work.timeline.threshold_position(ME)
    drag(work.timeline, line, line + QPointF(0, 12))
    assert len(work.session.shown.items) != before, "a lower threshold finds others"
    press(work.viewer, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(work.session.shown.items) == before


def test_removing_the_layer_while_it_spots_leaves_no_thread(window, video):
    work = window(video)
    QTest.mouseClick(work.spotting.run_box.run_button, Qt.MouseButton.LeftButton)
    settle(400)
    work.viewer.layers.clear()
    settle(100)
    assert work.is_closed
    assert not [t for t in threading.enumerate() if t.name == THREAD_NAME]


def test_two_viewers_do_not_disturb_each_other(make_napari_viewer_proxy, video, predictions):
    works = []
    for name in ("a.mp4", "b.mp4"):
        path = shutil.copy2(video, video.with_name(name))
        viewer = make_napari_viewer_proxy(show=True)
        opened = open_review(path, predictions=predictions, of_any_video=True)
        data, options, _ = video_layer_data(opened.source)
        works.append(add_workspace(viewer, opened, viewer.add_image(data, **options)))
    settle(150)
    first, second = works
    QTest.keyClick(second.timeline, Qt.Key.Key_N)
    QTest.keyClick(second.timeline, Qt.Key.Key_U)
    settle()
    assert second.session.review.items[0].status is ReviewStatus.ACCEPTED
    assert first.session.review.items[0].status is ReviewStatus.PREDICTED
    QTest.keyClick(first.timeline, Qt.Key.Key_Right)
    settle()
    assert first.playhead.frame == 1
    assert second.playhead.frame != 1
    second.close()
    settle(250)
    QTest.keyClick(first.timeline, Qt.Key.Key_Right)
    settle(200)
    first.close()
    settle(250)
    assert [layer.name for layer in first.viewer.layers] == ["a"]
    assert [layer.name for layer in second.viewer.layers] == ["b"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_another_theme_is_followed_at_once(window, video, theme):
    work = window(video)
    work.viewer.theme = "dark" if theme == "light" else "light"
    settle(50)
    before = work.timeline.grab().toImage()
    work.viewer.theme = theme
    settle(50)
    after = work.timeline.grab().toImage()
    ground = [image.pixelColor(5, image.height() - 5).lightness() for image in (before, after)]
    assert (ground[0] < ground[1]) == (theme == "light")
