from dataclasses import replace
from math import inf

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qtpy.QtCore import QItemSelectionModel, Qt
from tests.gui.reviews import MAE, ME, prediction, review_of, reviews
from tests.gui.viewers import settle

from napari_mespot.gui import edits
from napari_mespot.gui.review_columns import COLUMNS, column_index
from napari_mespot.gui.review_filter import ReviewFilter, uncertainty
from napari_mespot.gui.review_view import ReviewTableView
from napari_mespot.gui.session import Session
from napari_mespot.model import ReviewStatus
from napari_mespot.spotting.params import DetectionParams, KindDetectionParams, SpottingParams


@pytest.fixture
def view_of(qtbot):
    views = []

    def make(session: Session) -> ReviewTableView:
        view = ReviewTableView(session)
        qtbot.addWidget(view)
        view.resize(420, 400)
        views.append(view)
        return view

    yield make
    for view in views:
        view.disconnect_all()


def many(n: int):
    items = [prediction(20 * i, 20 * i + 9, score=0.5 + (i % 50) / 100) for i in range(n)]
    return review_of(*items, n_frames=20 * n + 100), items


def shown(view: ReviewTableView, column: str = "onset") -> list[str]:
    number = column_index(column)
    proxy = view.proxy
    return [proxy.index(row, number).data() for row in range(proxy.rowCount())]


def cell(view: ReviewTableView, uid: str, column: str):
    return view.proxy.index(view.proxy.row_of(uid), column_index(column))


def test_each_row_says_what_is_known_of_an_interval(view_of):
    item = prediction(30, 44, MAE, 0.734)
    review = edits.annotate(review_of(item), item.uid, action_units="4B+7C", notes="speech")
    view = view_of(Session(review))
    row = {column.name: cell(view, item.uid, column.name).data() for column in COLUMNS}
    assert row == {
        "kind": "MaE",
        "onset": "30",
        "apex": "37",
        "offset": "44",
        "duration": "0.50",
        "score": "0.73",
        "status": "predicted",
        "action_units": "4B+7C",
        "emotion": "",
        "source": "synthetic-v1",
        "coder": "",
        "notes": "speech",
    }


def test_one_edit_among_5000_touches_one_row(view_of):
    review, items = many(5000)
    session = Session(review)
    view = view_of(session)
    view.show()
    session.select(items[3000].uid)
    place = view.verticalScrollBar().value()
    assert place > 0
    resets, changes = [], []
    view.table.modelReset.connect(lambda: resets.append("table"))
    view.proxy.modelReset.connect(lambda: resets.append("proxy"))
    view.proxy.layoutChanged.connect(lambda: resets.append("layout"))
    view.table.dataChanged.connect(lambda a, b: changes.append((a.row(), b.row())))
    session.commit(edits.set_status(session.review, (items[10].uid,), ReviewStatus.ACCEPTED), "a")
    session.commit(edits.move_interval(session.review, items[9].uid, 185, 199), "move")
    session.undo()
    session.commit(edits.remove_items(session.review, (items[4000].uid,)), "remove")
    assert changes == [(10, 10), (9, 9), (9, 9), (4000, 4000)]
    assert resets == []
    assert view.verticalScrollBar().value() == place
    assert view.proxy.item(view.currentIndex().row()).uid == items[3000].uid


def test_rows_come_and_go_with_their_items(view_of):
    review, items = many(20)
    session = Session(review)
    view = view_of(session)
    session.select(items[5].uid)
    session.commit(session.review.without(items[1].uid, items[2].uid, items[9].uid), "remove")
    assert shown(view) == [str(i.onset) for n, i in enumerate(items) if n not in {1, 2, 9}]
    changed, _ = edits.add_interval(session.review, items[2].expression.interval, ME)
    session.commit(changed, "draw")
    assert shown(view)[1] == "40"
    session.undo()
    session.undo()
    assert shown(view) == [str(i.onset) for i in items]
    assert view.proxy.item(view.currentIndex().row()).uid == items[5].uid


def test_a_drawn_interval_is_selected_with_its_row(view_of):
    session = Session(many(20)[0])
    view = view_of(session)
    changed, uid = edits.add_interval(session.review, prediction(33, 38).expression.interval, ME)
    session.commit(changed, "draw")
    session.select(uid)
    assert view.selectionModel().isRowSelected(view.proxy.row_of(uid))


def test_many_rows_at_once_keep_the_selection(view_of):
    review, items = many(1000)
    session = Session(review)
    view = view_of(session)
    view.show()
    session.select(items[500].uid)
    session.preview(review.without(*(i.uid for i in items[1::2])))
    assert view.proxy.rowCount() == 1000, "a drag under way does not rebuild the table"
    settle(300)
    assert view.proxy.rowCount() == 500
    assert view.selectionModel().isRowSelected(view.proxy.row_of(items[500].uid))
    session.cancel_preview()
    assert view.proxy.rowCount() == 1000
    assert view.selectionModel().isRowSelected(500)


@given(st.lists(reviews(), min_size=2, max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_table_shows_the_session_after_any_steps(view_of, steps):
    session = Session(steps[0])
    view = view_of(session)
    for review in steps[1:]:
        session.commit(review, "step")
        assert [view.proxy.item(row) for row in range(view.proxy.rowCount())] == sorted(
            review.items, key=lambda i: (i.onset, i.offset, i.uid)
        )
        assert all(view.proxy.item(view.proxy.row_of(i.uid)) == i for i in review.items)


@pytest.mark.parametrize(
    ("column", "typed", "expected"),
    [
        ("onset", "25", (25, 34, 39, ME)),
        ("onset", "36", (36, 36, 39, ME)),
        ("onset", "39", (39, 39, 39, ME)),
        ("apex", "38", (30, 38, 39, ME)),
        ("offset", "33", (30, 33, 33, ME)),
        ("offset", "299", (30, 34, 299, ME)),
        ("kind", "MaE", (30, 34, 39, MAE)),
    ],
)
def test_a_cell_edited_in_place_is_one_step(view_of, column, typed, expected):
    item = prediction(30, 39)
    session = Session(review_of(item))
    view = view_of(session)
    index = cell(view, item.uid, column)
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    assert view.proxy.setData(index, typed)
    now = session.review.by_uid[item.uid].expression
    assert (now.onset, now.apex, now.offset, now.kind) == expected
    assert now.status is ReviewStatus.CORRECTED
    session.undo()
    assert session.review.by_uid[item.uid] == item
    assert session.undo_label == ""


def test_status_and_texts_are_edited_in_place(view_of):
    item = prediction(30, 39)
    session = Session(review_of(item))
    view = view_of(session)
    for column, text in (("status", "rejected"), ("notes", " a note"), ("action_units", "4B ")):
        assert view.proxy.setData(cell(view, item.uid, column), text)
    now = session.review.by_uid[item.uid].expression
    assert (now.status, now.notes, now.action_units) == ("rejected", " a note", "4B ")


@pytest.mark.parametrize(("column", "typed"), [("onset", "soon"), ("apex", ""), ("kind", "xx")])
def test_what_cannot_be_written_changes_nothing(view_of, column, typed):
    item = prediction(30, 39)
    session = Session(review_of(item))
    view = view_of(session)
    assert not view.proxy.setData(cell(view, item.uid, column), typed)
    assert session.undo_label == ""


@pytest.mark.parametrize(
    ("column", "typed", "reason"),
    [
        ("onset", "40", "behind the offset"),
        ("onset", "200", "behind the offset"),
        ("offset", "29", "before the onset"),
        ("offset", "9999", "not in this video"),
        ("onset", "300", "not in this video"),
        ("apex", "29", "outside of ME 30–39"),
    ],
)
def test_a_frame_that_cannot_be_is_refused_with_a_line(view_of, column, typed, reason):
    item = prediction(30, 39)
    session, said = Session(review_of(item)), []
    session.said.connect(said.append)
    view = view_of(session)
    assert not view.proxy.setData(cell(view, item.uid, column), typed)
    assert session.review == review_of(item)
    assert len(said) == 1
    assert reason in said[0]


def test_lengths_that_contradict_their_kind_can_be_listed_and_say_why(view_of):
    fits = (prediction(0, 14), prediction(20, 34, MAE), prediction(50, 169, MAE))
    odd = (prediction(200, 215), prediction(220, 233, MAE), prediction(60, 180, MAE))
    session = Session(review_of(*fits, *odd))
    view = view_of(session)
    assert [view.proxy.is_odd(item) for item in (*fits, *odd)] == [False] * 3 + [True] * 3
    tip = cell(view, odd[0].uid, "duration").data(Qt.ItemDataRole.ToolTipRole)
    assert "an ME lasts 0.5 s at most" in tip
    view.set_criteria(ReviewFilter(odd_length=True))
    shown = {view.proxy.item(row).uid for row in range(view.proxy.rowCount())}
    assert shown == {item.uid for item in odd}


def test_a_prediction_that_lasts_long_is_marked_until_it_is_decided(view_of):
    long, short = prediction(60, 149, MAE), prediction(200, 259, MAE)
    rules = SpottingParams(
        detection=DetectionParams(mae=KindDetectionParams(min_duration_s=0.5, max_duration_s=2.5))
    )
    session = Session(replace(review_of(long, short), rules=rules))
    view = view_of(session)
    assert shown(view, "duration") == ["long 3.00", "2.00"]
    assert [view.proxy.is_odd(item) for item in (long, short)] == [True, False]
    tip = cell(view, long.uid, "duration").data(Qt.ItemDataRole.ToolTipRole)
    assert "marked as long" in tip
    session.commit(edits.set_status(session.review, [long.uid], ReviewStatus.ACCEPTED), "accept")
    assert shown(view, "duration") == ["3.00", "2.00"]
    assert not view.proxy.is_odd(session.review.by_uid[long.uid])


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_an_odd_length_is_drawn_in_another_colour(view_of, theme):
    from napari.qt import get_stylesheet

    item, other = prediction(100, 140), prediction(200, 205)
    view = view_of(Session(review_of(item, other)))
    view.setStyleSheet(get_stylesheet(theme))
    view.resize(700, 200)
    view.show()

    def colours(uid):
        picture = view.viewport().grab(view.visualRect(cell(view, uid, "duration"))).toImage()
        places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        found = (picture.pixelColor(x, y) for x, y in places)
        return sum(c.red() - c.blue() > 50 for c in found)

    assert colours(item.uid) > 5
    assert colours(other.uid) == 0


def test_score_and_source_cannot_be_edited(view_of):
    item = prediction(30, 39)
    view = view_of(Session(review_of(item)))
    for column in ("score", "source", "duration"):
        assert not cell(view, item.uid, column).flags() & Qt.ItemFlag.ItemIsEditable


A = prediction(0, 5, ME, 0.55)
B = prediction(20, 50, MAE, 0.9)
C = prediction(60, 74, ME, 0.7)
MANUAL = "h1"


def three() -> Session:
    review = edits.set_status(review_of(A, B, C), (B.uid,), ReviewStatus.REJECTED)
    review, uid = edits.add_interval(review, prediction(100, 110).expression.interval, ME)
    assert uid == MANUAL
    return Session(edits.annotate(review, C.uid, notes="Left brow twitch"))


@pytest.mark.parametrize(
    ("criteria", "uids"),
    [
        (ReviewFilter(), [A.uid, B.uid, C.uid, MANUAL]),
        (ReviewFilter(kind=MAE), [B.uid]),
        (
            ReviewFilter(statuses=frozenset({ReviewStatus.REJECTED, ReviewStatus.LABELLED})),
            [B.uid, MANUAL],
        ),
        (ReviewFilter(text="BROW left"), [C.uid]),
        (ReviewFilter(text="60"), [C.uid]),
        (ReviewFilter(min_score=0.7), [B.uid, C.uid, MANUAL]),
        (ReviewFilter(min_length_s=0.5), [B.uid, C.uid]),
        (ReviewFilter(max_length_s=0.5), [A.uid, C.uid, MANUAL]),
        (ReviewFilter(min_length_s=0.3, max_length_s=0.5), [C.uid, MANUAL]),
    ],
)
def test_filters_show_what_they_say(view_of, criteria, uids):
    view = view_of(three())
    view.set_criteria(criteria)
    assert [view.proxy.item(row).uid for row in range(view.proxy.rowCount())] == uids


def test_an_item_that_passes_no_more_leaves_the_table(view_of):
    session = three()
    view = view_of(session)
    view.set_criteria(ReviewFilter(statuses=frozenset({ReviewStatus.PREDICTED})))
    session.commit(edits.set_status(session.review, (A.uid,), ReviewStatus.ACCEPTED), "accept")
    assert shown(view) == ["60"]
    session.undo()
    assert shown(view) == ["0", "60"]


def test_the_least_certain_undecided_come_first(view_of):
    items = [
        prediction(0, 5, ME, 0.95),
        prediction(20, 25, ME, 0.52),
        prediction(40, 70, MAE, 0.7),
        prediction(90, 95, ME, 0.51),
    ]
    session = Session(review_of(*items))
    view = view_of(session)
    view.set_by_uncertainty(True)
    assert shown(view) == ["90", "20", "40", "0"]
    session.commit(edits.set_status(session.review, (items[3].uid,), ReviewStatus.ACCEPTED), "a")
    assert shown(view) == ["20", "40", "0", "90"]
    # another threshold for MaE makes another interval the least certain
    rules = SpottingParams(detection=DetectionParams(mae=KindDetectionParams(threshold=0.7)))
    assert uncertainty(items[2], rules) == 0
    session.commit(replace(session.review, rules=rules), "rules")
    assert shown(view) == ["40", "20", "0", "90"]
    view.set_by_uncertainty(False)
    assert shown(view) == ["0", "20", "40", "90"]
    drawn = replace(items[0], expression=replace(items[0].expression, score=None))
    assert uncertainty(drawn, rules) == inf


def test_a_click_on_a_header_sorts_both_ways(view_of, qtbot):
    view = view_of(three())
    view.show()
    header = view.horizontalHeader()
    x = header.sectionViewportPosition(column_index("score")) + 8
    place = header.viewport().rect().topLeft()
    for expected in (["100", "0", "60", "20"], ["20", "60", "0", "100"]):
        place.setX(x)
        place.setY(5)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert shown(view) == expected


def test_columns_can_be_hidden_and_shown(view_of):
    view = view_of(three())
    menu = view.column_menu()
    ticks = {action.text(): action for action in menu.actions()}
    assert ticks["Onset"].isChecked()
    assert not ticks["Emotion"].isChecked()
    ticks["Emotion"].trigger()
    ticks["Apex"].trigger()
    assert not view.isColumnHidden(column_index("emotion"))
    assert view.isColumnHidden(column_index("apex"))


def test_selecting_a_row_in_qt_alone_moves_nothing(view_of):
    session = three()
    view = view_of(session)
    view.selectionModel().setCurrentIndex(
        view.proxy.index(2, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect
    )
    assert session.selected_uid is None


def test_the_selected_row_stays_in_sight_in_a_lower_table(view_of, qtbot):
    review, items = many(60)
    session = Session(review)
    view = view_of(session)
    view.show()
    qtbot.waitExposed(view)
    session.select(items[30].uid)
    view.resize(420, 200)
    rect = view.visualRect(view.currentIndex())
    assert view.viewport().rect().contains(rect.center())
