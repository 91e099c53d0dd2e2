"""A text of several lines in a dock, as it is: no markup, as wide as there is room."""

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

__all__ = ["wrapped_text"]


def wrapped_text(*, bold: bool = False) -> QLabel:
    """Return an empty label that breaks its lines and never widens its dock."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    if bold:
        label.setStyleSheet("font-weight: bold;")
    return label
