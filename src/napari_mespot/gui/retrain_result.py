"""What a retraining brought: the verdict, a table of before and after, and Use."""

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.retrain_words import TABLE_HEADER, gain_text, table_rows, verdict_text
from napari_mespot.gui.wrapped_text import wrapped_text

if TYPE_CHECKING:
    from napari_mespot.learning.retrain_outcome import RetrainOutcome

__all__ = ["RetrainResult"]

_TIPS = {
    "hits": "Expressions that were found",
    "false": "What was found and is no expression",
    "missed": "Expressions that were not found",
    "F1": "Between 0 and 1; counts what is false and what is missed alike",
    "false/min": "False ones in a reviewed minute",
}


class RetrainResult(QWidget):
    """The lower part of the Retrain dock; hidden until there is something to show."""

    use_asked = Signal()
    """The new checkpoint is to be used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict, self.gain, self.notes = (
            wrapped_text(bold=True),
            wrapped_text(),
            wrapped_text(),
        )
        self.cells: list[QLabel] = []
        self.use_button = QPushButton("Use the new checkpoint")
        self.use_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(len(TABLE_HEADER), 1)
        self._row = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.verdict)
        column.addWidget(self.gain)
        column.addLayout(self._grid)
        column.addWidget(self.notes)
        column.addLayout(self._row)
        self._row.addWidget(self.use_button)
        self._row.addStretch(1)
        self.use_button.clicked.connect(self.use_asked)
        self.hide()

    def show_outcome(self, outcome: "RetrainOutcome") -> None:
        """Show what came out."""
        self.verdict.setText(verdict_text(outcome))
        self.gain.setText(gain_text(outcome))
        self._show_table([TABLE_HEADER, *table_rows(outcome)])
        rest = [f"• {text}" for text in dict.fromkeys(outcome.notes[1:])]
        self.notes.setText("\n".join(rest))
        self.notes.setVisible(bool(rest))
        self._show_use(outcome.recommended)
        self.show()

    def _show_use(self, recommended: bool) -> None:
        """Fill the row with the button where it is advised; else a small one, that says so."""
        self.use_button.setText("Use the new checkpoint" if recommended else "Use it all the same")
        self.use_button.setFlat(not recommended)
        self.use_button.setToolTip(
            "Choose it in the Spot dock for the next run"
            if recommended
            else "It is not advised; the Spot dock would use it for the next run"
        )
        wide = QSizePolicy.Policy.Expanding if recommended else QSizePolicy.Policy.Maximum
        self.use_button.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
        self._row.setStretch(1, 0 if recommended else 1)

    def _show_table(self, rows: list[tuple[str, ...]]) -> None:
        for cell in self.cells:
            self._grid.removeWidget(cell)
            cell.deleteLater()
        self.cells = []
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                cell = QLabel(text)
                side = Qt.AlignmentFlag.AlignLeft if j < 2 else Qt.AlignmentFlag.AlignRight
                cell.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if i == 0 or j == 0:
                    cell.setStyleSheet("font-weight: bold;")
                cell.setToolTip(_TIPS.get(text, "") if i == 0 else "")
                self._grid.addWidget(cell, i, j)
                self.cells.append(cell)
