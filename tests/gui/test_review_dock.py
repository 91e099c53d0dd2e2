from dataclasses import replace
from fractions import Fraction

import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QAction, QKeyEvent, QKeySequence
from qtpy.QtTest import QTest
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QWidget,
)
from tests.gui.reviews import MAE, ME, prediction, review_of

from napari_mespot.gui import edits
from napari_mespot.gui.actions import ReviewActions
from napari_mespot.gui.playhead import Playhead
from napari_mespot.gui.review_columns import column_index
from napari_mespot.gui.review_dock import ReviewWidget, original_text
from napari_mespot.gui.session import Session
from napari_mespot.io.coding_template import CodingTemplate, TemplateCode
from napari_mespot.model import Interval, ReviewStatus

LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key
A, B, C = prediction(20, 29, ME, 0.9), prediction(60, 79, MAE, 0.55), prediction(100, 108, ME, 0.7)
LAB = CodingTemplate(
    name="Brow study",
    action_units=(
        TemplateCode(code="4", label="frown", key="fr"),
        TemplateCode(code="NOD", label="head nod"),
    ),
    emotions=("joy", "awe"),
    notes=("speech",),
    coder="XY",
)


class Player:
    """A player without a screen, that says what it was asked for."""

    def __init__(self):
        self.looped = self.flickered = None

    def pause(self):
        pass

    def toggle_loop(self, interval):
        self.looped = interval

    def toggle_flicker(self, onset, apex):
        self.flickered = (onset, apex)


class Desk:
    """A window with a stand-in for the canvas, which has the keyboard, and the dock."""

    def __init__(self, qtbot, review, **options):
        self.session = Session(review, coder="AB")
        self.playhead = Playhead(review.n_frames, review.frame_rate)
        self.player = Player()
        self.actions = ReviewActions(self.session, self.playhead, self.player)
        self.dock = ReviewWidget(self.session, self.playhead, self.actions, **options)
        self.canvas = QWidget()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas.setMinimumWidth(100)
        self.window = QMainWindow()
        centre = QWidget()
        layout = QHBoxLayout(centre)
        layout.addWidget(self.canvas)
        layout.addWidget(self.dock)
        self.window.setCentralWidget(centre)
        undo = QAction("undo", self.window)
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        undo.triggered.connect(self.session.undo)
        self.window.addAction(undo)
        self.dock.left.connect(self.canvas.setFocus)
        qtbot.addWidget(self.window)
        self.window.resize(560, 820)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        self.canvas.setFocus()
        qtbot.waitUntil(self.canvas.hasFocus)
        self.qtbot = qtbot
        self.form, self.table = self.dock.form, self.dock.table

    def now(self, item):
        return self.session.review.by_uid[item.uid].expression

    def cell(self, item, column="onset") -> QPoint:
        index = self.table.proxy.index(self.table.proxy.row_of(item.uid), column_index(column))
        return self.table.visualRect(index).center()

    def click_row(self, item, column="onset"):
        self.qtbot.mouseClick(self.table.viewport(), LEFT, pos=self.cell(item, column))

    def edit_cell(self, item, column) -> QWidget:
        place, viewport = self.cell(item, column), self.table.viewport()
        self.qtbot.mouseClick(viewport, LEFT, pos=place)
        self.qtbot.mouseDClick(viewport, LEFT, pos=place)
        kind = QComboBox if column in {"kind", "status"} else QLineEdit
        return viewport.findChild(kind)

    def press(self, name):
        self.qtbot.mouseClick(self.dock.buttons.button(name), LEFT)

    def type_into(self, field, text):
        self.qtbot.mouseClick(field, LEFT)
        assert field.hasFocus()
        for letter in text:  # QTest knows ASCII only
            press = QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter)
            QApplication.sendEvent(field, press)


@pytest.fixture
def desk_of(qtbot):
    desks = []

    def make(*items, **options) -> Desk:
        desks.append(Desk(qtbot, review_of(*items), **options))
        return desks[-1]

    yield make
    for desk in desks:
        desk.dock.disconnect_all()


@pytest.fixture
def desk(desk_of):
    return desk_of(A, B, C)


# -- table, selection, focus ---------------------------------------------------------------


def test_a_click_on_a_row_selects_it_and_goes_to_its_apex(desk):
    desk.click_row(B)
    assert desk.session.selected_uid == B.uid
    assert desk.playhead.frame == B.expression.apex
    assert desk.canvas.hasFocus()
    assert desk.dock.original.text() == "predicted MaE 60–79, apex 69, 0.55"


def test_the_row_of_a_selected_interval_is_shown(desk_of):
    items = [prediction(3 * n, 3 * n + 1) for n in range(90)]
    desk = desk_of(*items)
    desk.session.select(items[80].uid)
    rect = desk.table.visualRect(desk.table.currentIndex())
    assert desk.table.viewport().rect().contains(rect.center())
    assert desk.table.currentIndex().row() == 80
    desk.session.select(None)
    assert not desk.table.selectionModel().hasSelection()


def test_a_frame_typed_into_a_cell_is_one_step_and_frees_the_keyboard(desk):
    editor = desk.edit_cell(A, "onset")
    QTest.keyClicks(editor, "17")
    QTest.keyClick(editor, KEY.Key_Return)
    desk.qtbot.waitUntil(desk.canvas.hasFocus)
    assert desk.now(A).interval == Interval(17, 29)
    QTest.keyClick(desk.canvas, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.now(A) == A.expression


def test_escape_leaves_a_cell_as_it_was(desk):
    editor = desk.edit_cell(A, "apex")
    QTest.keyClicks(editor, "22")
    QTest.keyClick(editor, KEY.Key_Escape)
    desk.qtbot.waitUntil(desk.canvas.hasFocus)
    assert desk.session.undo_label == ""


def test_a_status_is_chosen_in_its_cell(desk):
    editor = desk.edit_cell(A, "status")
    words = [editor.itemText(n) for n in range(editor.count())]
    assert words == ["predicted", "accepted", "uncertain", "rejected"]
    popup = editor.view()
    popup.setCurrentIndex(editor.model().index(3, 0))
    QTest.keyClick(popup, KEY.Key_Return)
    assert desk.now(A).status is ReviewStatus.REJECTED


def test_the_filter_row_filters_and_clears(desk):
    row, table = desk.dock.filter_row, desk.table.proxy
    desk.type_into(row.min_score, "0.6")
    assert table.rowCount() == 2
    QTest.keyClick(row.min_score, KEY.Key_Return)
    assert desk.canvas.hasFocus()
    row.kind.setCurrentIndex(2)
    assert table.rowCount() == 0
    desk.qtbot.mouseClick(row.clear_button, LEFT)
    assert table.rowCount() == 3
    assert row.min_score.text() == ""
    assert not row.clear_button.isEnabled()
    desk.type_into(row.max_length, "0,x.4")  # what is no number cannot be typed
    assert row.max_length.text() == "0,4"
    assert table.rowCount() == 2


def test_statuses_are_ticked_in_a_menu(desk):
    desk.actions.go_to_item(A.uid)
    desk.press("reject")
    button = desk.dock.filter_row.statuses
    ticks = {action.text(): action for action in button.menu().actions()}
    ticks["to review"].trigger()
    assert desk.table.proxy.rowCount() == 2
    assert button.text() == "to review"
    ticks["rejected"].trigger()
    assert button.text() == "predicted +2"
    assert desk.table.proxy.rowCount() == 3
    ticks["all"].trigger()
    assert button.text() == "all states"


def test_uncertain_first_leads_from_doubt_to_doubt(desk):
    box = desk.dock.filter_row.uncertain_first
    desk.qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    assert box.isChecked()
    visited = []
    for _ in range(3):
        desk.press("next")
        visited.append(desk.session.selected_uid)
    assert visited == [B.uid, C.uid, A.uid]
    desk.press("previous")
    desk.press("accept")  # and on to the next of this order
    assert desk.session.selected_uid == A.uid
    header = desk.table.horizontalHeader()
    desk.qtbot.mouseClick(header.viewport(), LEFT, pos=QPoint(header.sectionPosition(1) + 8, 5))
    assert not box.isChecked()
    desk.press("previous")
    desk.press("previous")
    assert desk.session.selected_uid == A.uid


def test_the_next_candidate_is_one_that_the_filter_shows(desk):
    desk.dock.filter_row.kind.setCurrentIndex(1)
    desk.actions.go_to_item(A.uid)
    desk.press("next")
    assert desk.session.selected_uid == C.uid
    desk.press("next")
    assert desk.session.selected_uid == A.uid


# -- buttons ------------------------------------------------------------------------------


def test_progress_counts_what_is_settled(desk):
    assert desk.dock.progress.text() == "0 of 3 reviewed"
    desk.click_row(A)
    for name in ("accept", "uncertain", "reject"):
        desk.press(name)
    assert desk.dock.progress.text() == "2 of 3 reviewed"
    assert [desk.now(i).status.value for i in (A, B, C)] == ["accepted", "uncertain", "rejected"]
    assert desk.canvas.hasFocus()


def test_an_empty_session_says_so(desk_of):
    desk = desk_of()
    assert desk.dock.progress.text() == "nothing to review yet"
    assert not desk.dock.buttons.button("accept").isEnabled()
    assert not desk.form.isEnabled()
    assert desk.dock.buttons.button("new").isEnabled()


def test_edges_kind_and_nudges(desk):
    desk.click_row(B)
    desk.playhead.seek(58)
    desk.press("onset")
    desk.playhead.seek(82)
    desk.press("offset")
    desk.playhead.seek(70)
    desk.press("apex")
    assert desk.now(B).interval == Interval(58, 82)
    assert desk.now(B).apex == 70
    for name in ("onset_back", "onset_back", "offset_on", "offset_back", "offset_back"):
        desk.press(name)
    assert desk.now(B).interval == Interval(56, 81)
    desk.press("onset_on")
    desk.press("me")
    assert (desk.now(B).kind, desk.now(B).onset) == (ME, 57)
    text = desk.dock.original.text()
    assert text == "predicted MaE 60–79, apex 69, 0.55 → now ME, 57–81, apex 70"


def test_split_merge_loop_flicker_and_new(desk):
    desk.click_row(B)
    desk.press("loop")
    assert desk.player.looped == Interval(60, 79)
    desk.press("flicker")
    assert desk.player.flickered == (60, 69)
    assert desk.dock.buttons.button("split").isEnabled()
    desk.playhead.seek(60)
    assert not desk.dock.buttons.button("split").isEnabled()
    desk.playhead.seek(70)
    desk.press("split")
    assert [i.onset for i in desk.session.review.items] == [20, 60, 70, 100]
    desk.session.select(B.uid)
    desk.press("merge")
    assert desk.now(B).interval == Interval(60, 79)
    desk.playhead.seek(200)
    desk.press("new")
    drawn = desk.session.selected
    assert drawn.expression.interval == Interval(200, 205)
    assert desk.dock.original.text() == "drawn or labelled by AB: ME 200–205"
    desk.press("none")
    assert drawn.uid not in desk.session.review.by_uid


def test_keys_stand_on_the_buttons_and_follow_the_map(desk):
    accept = desk.dock.buttons.button("accept")
    assert (accept.key, accept.toolTip()) == ("U", "accept, go on  (U)")
    desk.dock.show_keys({"accept": "Shift+A", "reject": ""})
    assert (accept.key, accept.toolTip()) == ("Shift+A", "accept, go on  (Shift+A)")
    assert desk.dock.buttons.button("reject").toolTip() == "reject, go on"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (A, "predicted ME 20–29, apex 24, 0.90"),
        (
            replace(A, expression=replace(A.expression, status=ReviewStatus.ACCEPTED)),
            "predicted ME 20–29, apex 24, 0.90 → accepted",
        ),
        (
            replace(A, expression=replace(A.expression, interval=Interval(18, 33), apex=None)),
            "predicted ME 20–29, apex 24, 0.90 → now 18–33, no apex",
        ),
        (
            replace(A, original=None, expression=replace(A.expression, coder="")),
            "drawn or labelled: ME 20–29, apex 24",
        ),
    ],
)
def test_the_prediction_stands_beside_its_correction(item, text):
    assert original_text(item) == text


# -- coding -------------------------------------------------------------------------------


def test_a_code_is_one_step_however_many_keys_it_took(desk):
    desk.click_row(A)
    steps = []
    desk.session.stepped.connect(steps.append)
    desk.type_into(desk.form.action_units, "4B+7C")
    assert steps == []
    QTest.keyClick(desk.form.action_units, KEY.Key_Return)
    assert steps == ["code action units"]
    assert (desk.now(A).action_units, desk.now(A).coder) == ("4B+7C", "AB")
    assert desk.form.remarks.text() == "4B brow lowerer · 7C lid tightener"
    assert desk.canvas.hasFocus()
    QTest.keyClick(desk.canvas, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.now(A) == A.expression
    assert desk.form.action_units.text() == ""


def test_undo_in_a_field_takes_back_letters_not_steps(desk):
    desk.click_row(A)
    desk.press("me")
    desk.playhead.seek(18)
    desk.press("onset")
    desk.type_into(desk.form.action_units, "twitch")
    QTest.keyClick(desk.form.action_units, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.form.action_units.text() != "twitch"
    desk.type_into(desk.form.notes, "abc")
    QTest.keyClick(desk.form.notes, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.form.notes.text() == ""
    assert desk.now(A).onset == 18


@pytest.mark.parametrize("text", ["  4B + 7c ", "ref(10), 46x", "9A or 9A", "Ä ​free, text"])
def test_codes_are_kept_letter_for_letter(desk, text):
    desk.click_row(A)
    desk.type_into(desk.form.action_units, text)
    QTest.keyClick(desk.form.action_units, KEY.Key_Return)
    if desk.form.action_units.hasFocus():  # the first Enter closed the proposals
        QTest.keyClick(desk.form.action_units, KEY.Key_Return)
    assert desk.now(A).action_units == text


def test_remarks_are_made_while_typing_and_keep_nothing_out(desk):
    desk.click_row(A)
    desk.type_into(desk.form.action_units, "4+99B")
    assert desk.form.remarks.text() == "no such number in FACS: 99 · no intensity (A–E): 4"
    desk.dock.flush()
    assert desk.now(A).action_units == "4+99B"


def test_typed_text_belongs_to_the_interval_it_was_typed_for(desk):
    desk.click_row(A)
    desk.type_into(desk.form.action_units, "4B")
    desk.form.action_units.popup.hide()
    desk.click_row(B)
    assert desk.now(A).action_units == "4B"
    assert desk.form.action_units.text() == ""
    assert desk.canvas.hasFocus()
    desk.type_into(desk.form.notes, "speaks")
    desk.press("accept")
    assert (desk.now(B).notes, desk.now(B).status.value) == ("speaks", "accepted")
    assert desk.session.selected_uid == C.uid
    assert desk.form.notes.text() == ""


def test_an_edit_elsewhere_leaves_what_is_being_typed(desk):
    desk.click_row(A)
    desk.type_into(desk.form.notes, "half a wo")
    desk.actions.nudge(-1, 0)
    desk.session.commit(edits.annotate(desk.session.review, A.uid, emotion="joy"), "elsewhere")
    assert desk.form.notes.text() == "half a wo"
    assert desk.form.emotion.currentText() == "joy"


def test_escape_puts_the_text_back(desk):
    desk.click_row(A)
    desk.type_into(desk.form.coder, "CD")
    QTest.keyClick(desk.form.coder, KEY.Key_Escape)
    assert desk.form.coder.text() == ""
    assert desk.session.undo_label == ""
    assert desk.canvas.hasFocus()


def test_proposals_for_numbers_and_names(desk):
    desk.click_row(A)
    field = desk.form.action_units
    desk.type_into(field, "L1")
    assert field.proposed[:6] == ("L1A", "L1B", "L1C", "L1D", "L1E", "L10")
    QTest.keyClicks(field, "2C+raiser")
    assert field.proposed == ("1", "2", "5", "6", "10", "17")
    field.clear()
    QTest.keyClicks(field, "7C+lowerer")
    assert field.proposed == ("4",)
    QTest.keyClick(field.popup, KEY.Key_Tab)  # the open list gets the keys
    assert field.text() == "7C+4"
    assert field.hasFocus()
    assert field.proposed == ()
    QTest.keyClicks(field, "B")
    QTest.keyClick(field, KEY.Key_Return)
    assert desk.now(A).action_units == "7C+4B"


def test_enter_without_a_choice_keeps_what_was_typed(desk):
    desk.click_row(A)
    field = desk.form.action_units
    desk.type_into(field, "blink")
    assert field.proposed == ("45",)
    QTest.keyClick(field.popup, KEY.Key_Return)
    assert desk.now(A).action_units == "blink"


def test_tab_changes_no_code_that_is_complete(desk):
    desk.click_row(A)
    field = desk.form.action_units
    desk.type_into(field, "12")
    assert field.proposed[0] == "12A"
    QTest.keyClick(field, KEY.Key_Tab)
    assert field.text() == "12"
    assert desk.form.emotion.lineEdit().hasFocus()
    assert desk.now(A).action_units == "12"


def test_a_proposal_is_chosen_by_the_arrow_keys(desk):
    desk.click_row(A)
    field = desk.form.action_units
    desk.type_into(field, "12")
    QTest.keyClick(field.popup, KEY.Key_Down)
    QTest.keyClick(field.popup, KEY.Key_Down)
    QTest.keyClick(field.popup, KEY.Key_Return)
    assert field.text() == "12B"
    desk.dock.flush()
    assert desk.now(A).action_units == "12B"


def test_a_template_proposes_its_codes_words_and_coder(desk_of):
    desk = desk_of(A, B, template=LAB)
    desk.click_row(A)
    field = desk.form.action_units
    desk.type_into(field, "fr")
    QTest.keyClick(field, KEY.Key_Return)  # its key stands for it
    assert field.text() == "4"
    QTest.keyClicks(field, "+nod")
    QTest.keyClick(field, KEY.Key_Tab)
    QTest.keyClicks(field, "+12")
    QTest.keyClick(field, KEY.Key_Return)
    assert (desk.now(A).action_units, desk.now(A).coder) == ("4+NOD+12", "XY")
    assert desk.form.remarks.text() == "not in the list of Brow study: 12"
    words = [desk.form.emotion.itemText(n) for n in range(desk.form.emotion.count())]
    assert words == ["joy", "awe"]


def test_emotion_is_chosen_or_typed(desk):
    desk.click_row(A)
    box = desk.form.emotion
    desk.qtbot.mouseClick(box, LEFT, pos=QPoint(box.width() - 6, box.height() // 2))
    box.view().setCurrentIndex(box.model().index(6, 0))
    QTest.keyClick(box.view(), KEY.Key_Return)
    assert desk.now(A).emotion == "surprise"
    assert desk.canvas.hasFocus()
    desk.click_row(B)
    assert box.currentText() == ""
    desk.type_into(box.lineEdit(), "sur")
    QTest.keyClick(box.lineEdit(), KEY.Key_Return)
    assert desk.now(B).emotion == "sur"


def test_notes_end_with_enter_and_break_with_shift(desk):
    desk.click_row(A)
    notes = desk.form.notes
    QTest.mouseClick(notes.viewport(), LEFT)
    QTest.keyClicks(notes, "one")
    QTest.keyClick(notes, KEY.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(notes, "two")
    QTest.keyClick(notes, KEY.Key_Return)
    assert desk.now(A).notes == "one\ntwo"
    assert desk.canvas.hasFocus()
    desk.form.notes_button.menu().actions()[0].trigger()
    assert desk.now(A).notes == "one\ntwo; speech"


def test_tab_goes_round_the_fields_of_the_form(desk):
    desk.click_row(A)
    fields = [desk.form.action_units, desk.form.emotion.lineEdit(), desk.form.coder]
    desk.qtbot.mouseClick(fields[0], LEFT)
    for field in (*fields[1:], desk.form.notes, fields[0]):
        QTest.keyClick(QApplication.focusWidget(), KEY.Key_Tab)
        assert field.hasFocus()


def test_a_template_file_is_loaded_or_refused_with_its_reason(desk, tmp_path):
    desk.click_row(A)
    chosen = []
    desk.dock.template_chosen.connect(chosen.append)
    path = tmp_path / "lab.toml"
    path.write_text('name = "lab"\nemotions = ["awe"]\n', encoding="utf-8")
    desk.dock.load_template(path)
    assert chosen == [path]
    assert desk.form.template.name == "lab"
    path.write_text("name = 3\n", encoding="utf-8")
    desk.dock.load_template(path)
    assert desk.form.template.name == "lab"
    assert desk.form.remarks.text().startswith(f"{path}: name: ")
    desk.dock.load_template(None)
    assert desk.form.template.name == "FACS"
    assert chosen == [path, None]


# -- how it looks -------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [380, 420, 460])
def test_nothing_is_cut_off_in_a_right_dock(qtbot, width, theme):
    from napari.qt import get_stylesheet

    items = [prediction(4 * n, 4 * n + 2) for n in range(60)]
    review = edits.annotate(
        replace(review_of(*items), frame_rate=Fraction(200)), items[3].uid, action_units="4B+46x+12"
    )
    session = Session(review, coder="AB")
    playhead = Playhead(review.n_frames, review.frame_rate)
    actions = ReviewActions(session, playhead, Player())
    dock = ReviewWidget(session, playhead, actions)
    qtbot.addWidget(dock)
    dock.setStyleSheet(get_stylesheet(theme))
    dock.resize(width, 800)
    dock.show()
    session.select(items[3].uid)
    QApplication.processEvents()
    assert dock.width() == width
    for button in dock.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width(), button.text()
    right = dock.mapToGlobal(dock.rect().bottomRight())
    for widget in (dock.form.notes, dock.form.coder, dock.filter_row.uncertain_first):
        corner = widget.mapToGlobal(widget.rect().bottomRight())
        assert corner.x() < right.x()
        assert corner.y() < right.y()
    status = column_index("status")
    visible = dock.table.columnViewportPosition(status) + dock.table.columnWidth(status)
    assert visible <= dock.table.viewport().width()
    assert dock.table.height() >= 200
    dock.disconnect_all()


def test_keys_of_the_viewer_work_after_clicks_and_after_typing(make_napari_viewer_proxy, qtbot):
    viewer = make_napari_viewer_proxy(show=True)
    review = review_of(A, B, C)
    session, playhead = Session(review), Playhead(review.n_frames, review.frame_rate)
    actions = ReviewActions(session, playhead, Player())
    dock = ReviewWidget(session, playhead, actions)
    viewer.window.add_dock_widget(dock, area="right", name="Review")
    pressed = []
    viewer.bind_key("n", lambda _: pressed.append("n"))
    main = dock.window()
    main.activateWindow()
    qtbot.waitUntil(main.isActiveWindow)
    viewport = dock.table.viewport()
    index = dock.table.proxy.index(1, 1)

    def press_n() -> int:
        """Press N where the keyboard goes."""
        QTest.keyClick(QApplication.focusWidget() or main, KEY.Key_N)
        return len(pressed)

    qtbot.mouseClick(viewport, LEFT, pos=dock.table.visualRect(index).center())
    assert session.selected_uid == B.uid
    assert press_n() == 1
    qtbot.mouseClick(dock.buttons.button("uncertain"), LEFT)
    assert press_n() == 2
    qtbot.mouseClick(dock.form.notes, LEFT)
    qtbot.mouseClick(dock.form.coder, LEFT)
    assert press_n() == 2  # it is typed
    assert dock.form.coder.text() == "n"
    QTest.keyClick(dock.form.coder, KEY.Key_Return)
    assert press_n() == 3
    dock.disconnect_all()
