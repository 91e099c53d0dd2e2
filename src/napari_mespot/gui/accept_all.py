"""Ask for a score and accept all candidates that reach it."""

from collections.abc import Callable, Iterable

from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_mespot.gui.review import Item
from napari_mespot.model import ReviewStatus

__all__ = ["AcceptAllDialog", "reaching"]

_FIRST_SCORE = 0.9


def reaching(items: Iterable[Item], score: float) -> tuple[Item, ...]:
    """Return the predictions that nobody has judged and whose peak score reaches `score`."""
    return tuple(
        item
        for item in items
        if item.status is ReviewStatus.PREDICTED
        and item.expression.score is not None
        # As the field and the table show it, so that 0.50 holds a score of 0.496.
        and round(item.expression.score, 2) >= round(score, 2)
    )


class AcceptAllDialog(QDialog):
    """Ask for the score; says how many candidates reach it.

    Parameters
    ----------
    items
        What may be accepted, asked anew for each score.
    accept_all
        Called with the items that the user wants accepted.
    """

    def __init__(
        self,
        items: Callable[[], Iterable[Item]],
        accept_all: Callable[[tuple[Item, ...]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._items, self._accept_all = items, accept_all
        self.setWindowTitle("Accept all")
        self.score = QDoubleSpinBox()
        self.score.setRange(0, 1)
        self.score.setSingleStep(0.05)
        self.score.setValue(_FIRST_SCORE)
        self.count = QLabel()
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        row = QHBoxLayout()
        row.addWidget(QLabel("Accept all candidates in the table with a score ≥"))
        row.addWidget(self.score)
        layout = QVBoxLayout(self)
        layout.addLayout(row)
        layout.addWidget(self.count)
        layout.addWidget(self.buttons)
        self.score.valueChanged.connect(self._show_count)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._show_count()

    def accept(self) -> None:
        """Accept them."""
        self._accept_all(self._chosen())
        super().accept()

    def _chosen(self) -> tuple[Item, ...]:
        return reaching(self._items(), self.score.value())

    def _show_count(self) -> None:
        n = len(self._chosen())
        text = (
            f"{n} candidate{'s' * (n != 1)} reach{'es' * (n == 1)} it; undo takes all back at once"
        )
        self.count.setText(text if n else "no candidate reaches it")
        button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        if button is not None:
            button.setEnabled(n > 0)
            button.setText(f"Accept {n}" if n else "Accept")
