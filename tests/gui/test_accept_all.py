"""Accept all candidates above a score, as one step."""

from dataclasses import replace
from time import process_time

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDialogButtonBox
from tests.gui.reviews import MAE, ME, prediction, review_of
from tests.gui.test_next_stretch import Desk

from napari_mespot.gui import edits
from napari_mespot.gui.accept_all import reaching
from napari_mespot.model import ReviewStatus

LEFT = Qt.MouseButton.LeftButton
A, B, C = prediction(20, 29, ME, 0.9), prediction(60, 79, MAE, 0.55), prediction(100, 108, ME, 0.7)
ACCEPTED, PREDICTED = ReviewStatus.ACCEPTED, ReviewStatus.PREDICTED


def states(desk) -> list[ReviewStatus]:
    return [item.status for item in desk.session.review.items]


@pytest.fixture
def desk(qtbot):
    desk = Desk(qtbot, None, review=review_of(A, B, C))
    yield desk
    desk.close()


def test_the_menu_asks_and_accepts_as_one_step(desk):
    (action,) = desk.dock.menu_button.menu().actions()
    assert action.text() == "Accept all ≥ …"
    dialog = desk.dock.ask_accept_all()
    dialog.score.setValue(0.7)
    assert dialog.count.text().startswith("2 candidates reach it")
    desk.qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)
    assert states(desk) == [ACCEPTED, PREDICTED, ACCEPTED]
    assert desk.session.undo_label == "accept 2"
    assert [r.onset for r in desk.session.review.reviewed] == [20, 100]
    desk.session.undo()
    assert states(desk) == [PREDICTED] * 3


def test_only_what_the_table_shows_is_accepted(desk):
    desk.dock.filter_row.kind.setCurrentIndex(1)  # ME
    dialog = desk.dock.ask_accept_all()
    dialog.score.setValue(0)
    dialog.accept()
    assert states(desk) == [ACCEPTED, PREDICTED, ACCEPTED]


def test_with_none_that_reaches_it_there_is_nothing_to_press(desk):
    dialog = desk.dock.ask_accept_all()
    dialog.score.setValue(0.95)
    assert dialog.count.text() == "no candidate reaches it"
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    dialog.reject()
    assert not desk.session.undo_label


def test_what_a_person_has_judged_stays():
    judged = [
        replace(A, expression=replace(A.expression, status=status))
        for status in ReviewStatus
        if status is not PREDICTED
    ]
    assert reaching([*judged, C], 0.0) == (C,)


def test_it_is_what_accepting_one_by_one_does_and_quick():
    items = [prediction(3 * n, 3 * n + 1) for n in range(90)]
    review = review_of(*items)
    uids = [item.uid for item in items]
    assert edits.accept_items(review, uids) == edits.set_status(review, uids, ACCEPTED)
    many = review_of(*[prediction(3 * n, 3 * n + 1) for n in range(5000)], n_frames=15_000)
    start = process_time()
    edits.accept_items(many, [item.uid for item in many.items])
    assert process_time() - start < 2
