"""The questions: which file to write and in which format, where to go."""

from fractions import Fraction

import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QFileDialog, QLabel, QLineEdit, QMessageBox

from napari_mespot.gui.dialogs import GoToDialog, ask_export, format_of_ending
from napari_mespot.gui.playhead import Playhead
from napari_mespot.io.formats import FORMATS

ELAN = next(f.description for f in FORMATS.values() if f.name == "elan")


class Person:
    """Answers the dialogs of the system, one after the other, by typing and pressing keys."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []
        self.is_there = True
        QTimer.singleShot(60, self.answer)

    def answer(self):
        if not self.is_there:
            return
        QTimer.singleShot(60, self.answer)  # another timer, since a dialog may open another
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QMessageBox):
            self.seen.append("replace?")
            dialog.button(QMessageBox.StandardButton.Yes).click()
        elif isinstance(dialog, QFileDialog):
            self.type_into(dialog)

    def type_into(self, dialog):
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        self.seen.append(field.text())
        text = self.answers.pop(0) if self.answers else None
        if text is None:
            dialog.reject()
            return
        name, _, description = text.partition("|")
        if description:
            wanted = next(f for f in dialog.nameFilters() if f.startswith(description))
            dialog.selectNameFilter(wanted)
        if name:
            field.setText(name)
        QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.fixture
def export(qapp, tmp_path):
    """Lets a person answer; gives the name and format to write, and what was seen."""
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, True)

    def asked(*answers):
        person = Person(*answers)
        answer = ask_export(None, tmp_path / "clip.intervals.csv")
        person.is_there = False
        return (answer and (answer[0].name, answer[1])), person.seen

    yield asked
    qapp.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, False)


def test_a_typed_ending_decides_the_format(export):
    assert export("my.eaf")[0] == ("my.eaf", "elan")
    assert export("my.TextGrid")[0] == ("my.TextGrid", "textgrid")
    assert export("my.textgrid")[0] == ("my.textgrid", "textgrid")


def test_the_chosen_type_gives_its_ending_to_a_bare_name(export):
    assert export(f"my|{ELAN}")[0] == ("my.eaf", "elan")
    assert export(f"session.2|{ELAN}")[0] == ("session.2.eaf", "elan")


def test_cancel_writes_nothing(export):
    assert export(None) == (None, ["clip.intervals.csv"])


def test_nothing_is_replaced_under_a_name_that_nobody_was_asked_about(export, tmp_path):
    (tmp_path / "clip.eaf").write_text("weeks of work")
    answer, seen = export(f"clip|{ELAN}", None)
    assert answer is None
    assert seen[1:] == ["clip.eaf"], "the whole name is shown; leaving it leaves the file"
    answer, seen = export(f"clip|{ELAN}", "", "")
    assert answer == ("clip.eaf", "elan")
    assert seen[1:] == ["clip.eaf", "replace?"]


def test_the_same_bare_name_again_gets_a_name_that_is_free(export, tmp_path):
    (tmp_path / "clip.eaf").write_text("weeks of work")
    assert export(f"clip|{ELAN}", "clip")[0] == ("clip.2.eaf", "elan")
    (tmp_path / "clip.2.eaf").write_text("a day of work")
    assert export(f"clip|{ELAN}", "clip")[0] == ("clip.3.eaf", "elan")


@pytest.mark.parametrize(
    ("name", "chosen", "form"),
    [
        ("a.intervals.csv", "mespot", "mespot"),
        ("a.csv", "mespot", "mespot"),
        ("a.csv", "boris-tabular", "boris-tabular"),
        ("a.csv", "elan", "mespot"),
        ("a.tsv", "mespot", "boris-tabular"),
        ("A.EAF", "mespot", "elan"),
        ("a.boris", "textgrid", "boris"),
        ("a_labels.csv", "mespot", "deepethogram"),
        ("cas_pred.csv", "megc2023", "megc2023"),
        ("cas_pred.csv", "mespot", "mespot"),
        ("cas_pred.csv", "elan", None),
        ("a", "elan", None),
        ("a.v2", "elan", None),
        (".eaf", "mespot", "elan"),
    ],
)
def test_endings(name, chosen, form):
    assert format_of_ending(name, chosen) == form


def test_every_format_goes_by_its_own_ending():
    for form in FORMATS.values():
        for suffix in form.suffixes:
            assert format_of_ending(f"x{suffix}", form.name) == form.name


@pytest.mark.parametrize("text", ["nowhere", "99999999", "9:99:99:99", "x" * 60, "1e999 s"])
def test_the_whole_remark_on_a_place_is_seen(qtbot, text):
    dialog = GoToDialog(Playhead(1008, Fraction(30)))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.setText(text)
    dialog.accept()
    QTest.qWait(30)
    remark = dialog.findChild(QLabel)
    assert remark.text().strip()
    assert remark.heightForWidth(remark.width()) <= remark.height()
