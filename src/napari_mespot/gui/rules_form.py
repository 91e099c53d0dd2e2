"""The rules from scores to intervals as one table: a row for each, columns for ME and MaE."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from napari_mespot.gui.forms import FieldPath, ParamsForm
from napari_mespot.gui.param_words import label_of
from napari_mespot.gui.styles import KIND_RGB
from napari_mespot.model import ExpressionKind
from napari_mespot.spotting.params import KindDetectionParams, SpottingParams

__all__ = ["RulesForm"]

_COLUMNS = {ExpressionKind.MICRO: "me", ExpressionKind.MACRO: "mae"}


class RulesForm(ParamsForm):
    """Edits :class:`~napari_mespot.spotting.SpottingParams`.

    Parameters
    ----------
    value
        The rules to start with.
    """

    _sliders_under = True

    def __init__(self, value: SpottingParams, parent: QWidget | None = None) -> None:
        super().__init__(value, parent)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._table())
        layout.addWidget(self.trouble)

    def _table(self) -> QGridLayout:
        """Return the rows that each kind has for itself."""
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        for column, kind in enumerate(_COLUMNS, start=1):
            grid.addWidget(_heading(kind), 0, column)
            grid.setColumnStretch(column, 1)
        for row, (label, paths) in enumerate(_rows(), start=1):
            tip = self.fields[paths[0]].toolTip()
            words = QLabel(label)
            words.setToolTip(tip)
            place = Qt.AlignmentFlag.AlignVCenter
            if len(paths[0]) > 2 and paths[0][-1].endswith("threshold"):
                place = Qt.AlignmentFlag.AlignTop  # beside the number, above the slider
                words.setMinimumHeight(self.fields[paths[0]].sizeHint().height() // 2)
            grid.addWidget(words, row, 0, place)
            for column, path in enumerate(paths, start=1):
                grid.addWidget(self.fields[path], row, column)
        self._add_common(grid)
        return grid

    def _add_common(self, grid: QGridLayout) -> None:
        """Add the rows of what both kinds share."""
        order, scale = self.fields["smoothing", "order"], self.fields["smoothing", "normalisation"]
        order.setToolTip("Order of the low-pass filter: higher cuts more sharply")
        depth = self.fields["detection", "cut_depth"]
        for text, field in (("Cut depth", depth), ("Filter order", order), ("Normalise", scale)):
            label = QLabel(text)
            label.setToolTip(field.toolTip())
            row = grid.rowCount()
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1, 1, 2)


def _rows() -> list[tuple[str, tuple[FieldPath, FieldPath]]]:
    """Return label and fields (ME, MaE) of each row of the table."""
    rows: list[tuple[str, tuple[FieldPath, FieldPath]]] = [
        (label_of(name), (("detection", "me", name), ("detection", "mae", name)))
        for name in KindDetectionParams.model_fields
    ]
    cutoffs: tuple[FieldPath, FieldPath] = (
        ("smoothing", "cutoff_me_hz"),
        ("smoothing", "cutoff_mae_hz"),
    )
    return [*rows, ("Cut-off", cutoffs)]


def _heading(kind: ExpressionKind) -> QLabel:
    red, green, blue = (round(255 * part) for part in KIND_RGB[kind])
    heading = QLabel(kind.value)
    heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
    heading.setStyleSheet(f"font-weight: bold; color: rgb({red}, {green}, {blue});")
    return heading
