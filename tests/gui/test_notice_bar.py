"""Lines that stay until they are taken away: order, folding, colours, what they offer."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from napari_mespot.gui.notice_bar import NoticeBar, Offer
from napari_mespot.gui.notice_line import NoticeLine, reason_first
from napari_mespot.gui.telling import Telling
from napari_mespot.gui.theme import timeline_colours

LONG = "12 steps could not be taken up; " * 12


@pytest.fixture
def bar(qtbot):
    window = QWidget()
    layout = QVBoxLayout(window)
    bar = NoticeBar()
    layout.addWidget(bar)
    layout.addStretch(1)
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    bar.window_of_test = window
    return bar


def rows(bar):
    QTest.qWait(20)
    return [row for row in bar._rows if row.isVisible()]


def close_button(row):
    return next(b for b in row.findChildren(QToolButton) if b.text() == "×")


def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_it_takes_no_room_while_there_is_nothing_to_say(bar):
    assert not bar.isVisible()
    bar.tell("hello")
    assert rows(bar)
    click(close_button(rows(bar)[0]))
    assert not rows(bar)
    assert not bar.isVisible()


def test_what_matters_most_is_on_top_and_then_the_latest(bar):
    for text, level in [("a", "info"), ("b", "error"), ("c", "warning"), ("d", "info")]:
        bar.tell(text, level)
    assert bar.notices == (("error", "b"), ("warning", "c"), ("info", "d"), ("info", "a"))


def test_many_are_folded_and_none_is_lost(bar):
    for number in range(7):
        bar.tell(f"notice {number}")
    assert [row.text for row in rows(bar)] == ["notice 6", "notice 5"]
    assert bar._more.text().startswith("5 more")
    click(bar._more)
    assert len(rows(bar)) == 7
    assert bar.height() < 200, "the timeline keeps its room"
    click(bar._more)
    assert len(rows(bar)) == 2
    for _ in range(7):
        click(close_button(rows(bar)[0]))
    assert not bar.isVisible()


def test_the_same_text_is_there_once(bar):
    for text in ("a", "b", "a"):
        bar.tell(text)
    assert [text for _, text in bar.notices] == ["a", "b"]


@pytest.mark.parametrize("width", [500, 900, 1800])
def test_long_lines_wrap_and_are_not_cut(bar, width):
    bar.window_of_test.resize(width, 1200)
    bar.tell(LONG, "error")
    bar.tell("short")
    for row in rows(bar):
        label = row.findChild(QLabel, "mespot-notice-text")
        assert label.height() >= label.heightForWidth(label.width())
        assert row.height() >= label.height()
    assert bar.height() >= sum(row.height() for row in rows(bar))


def test_the_text_can_be_copied(bar):
    bar.tell("a path to copy")
    label = rows(bar)[0].findChild(QLabel, "mespot-notice-text")
    label.setSelection(0, 6)
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "a path"


def test_an_offer_is_done_once_and_the_notice_goes(bar):
    done = []
    bar.tell("take it?", offers=(Offer("Take", "takes it", lambda: done.append(1)),))
    click(rows(bar)[0].findChild(QPushButton))
    assert done == [1]
    assert not bar.notices


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_it_can_be_read_in_both_themes(bar, theme, level):
    colours = timeline_colours(theme)
    bar.set_colours(colours)
    bar.tell("text", level)
    (row,) = rows(bar)
    picture = row.grab().toImage()
    ground = QColor(picture.pixel(picture.width() // 2, 2))
    text = QColor(colours.text)
    assert contrast(text.getRgbF()[:3], ground.getRgbF()[:3]) >= 4.5
    assert ground != QColor(colours.background)


def test_where_the_bar_is_out_of_sight_a_toast_says_it(bar):
    from napari.utils.notifications import notification_manager

    telling = Telling(bar)
    with notification_manager:
        notification_manager.records.clear()
        telling.tell("before there is a window")
        assert not notification_manager.records
        telling.is_shown = True
        telling.tell(NoticeLine("in the bar", "warning"))
        assert not notification_manager.records
        bar.window_of_test.hide()
        telling.fail("/a/b.csv: expected a table, got a picture; choose another file")
    (toast,) = notification_manager.records
    assert toast.message == "Expected a table, got a picture; choose another file (/a/b.csv)"
    assert toast.severity == "error"
    assert [level for level, _ in bar.notices] == ["error", "warning", "info"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "/a/b c.csv, row 1: expected x, got y; do z",
            "Expected x, got y; do z (/a/b c.csv, row 1)",
        ),
        (r"C:\a\b.csv: expected x, got: y", r"Expected x, got: y (C:\a\b.csv)"),
        ("b.csv: expected x, got y", "b.csv: expected x, got y"),
        ("nothing of the kind", "nothing of the kind"),
        ("7 of 7 intervals are new here: expected", "7 of 7 intervals are new here: expected"),
    ],
)
def test_the_reason_comes_first_and_the_path_last(text, line):
    assert reason_first(text) == line
