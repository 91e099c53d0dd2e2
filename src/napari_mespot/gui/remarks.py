"""The colour of remarks: calm, and readable on a dark and on a light ground."""

from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QWidget

__all__ = ["remark_colour"]


def remark_colour(widget: QWidget) -> QColor:
    """Return the colour in which a widget says what is odd or was refused."""
    is_dark = widget.palette().color(QPalette.ColorRole.Window).lightness() < 128
    return QColor("#d9bc7a" if is_dark else "#7a5600")
