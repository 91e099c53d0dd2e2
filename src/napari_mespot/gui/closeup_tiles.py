"""Square pictures with a caption, as large as their place allows."""

from math import ceil

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QRect, QSize, Qt, Signal
from qtpy.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
)
from qtpy.QtWidgets import QSizePolicy, QWidget

__all__ = ["FaceTile", "TileGrid"]

_GAP = 6
_INSET = 4  # of a caption, as labels have it
_SMALLEST_PX, _USUAL_PX, _LARGEST_PX = 72, 160, 560


class FaceTile(QWidget):
    """A picture under its caption."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap: QPixmap | None = None
        self._caption = ""

    @property
    def caption(self) -> str:
        """Text above the picture."""
        return self._caption

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture."""
        return self._pixmap is not None

    @property
    def caption_height(self) -> int:
        """Height of the line above the picture."""
        return self.fontMetrics().height() + 3

    def show_picture(self, picture: NDArray[np.uint8] | None, caption: str) -> None:
        """Show a picture, (H, W) grey or (H, W, 3) RGB, or an empty place."""
        self._pixmap = None if picture is None else _pixmap(picture)
        self._caption = caption
        self.setAccessibleName(caption)
        self.update()

    def picture(self) -> QImage | None:
        """Return what is shown, in its own size."""
        return None if self._pixmap is None else self._pixmap.toImage()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw caption and picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        text = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        head = self.caption_height
        painter.setPen(text)
        room = self.width() - _INSET
        line = self.fontMetrics().elidedText(self._caption, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(_INSET, 0, room, head), Qt.AlignmentFlag.AlignLeft, line)
        side = max(0, min(self.width(), self.height() - head))
        place = QRect(0, head, side, side)
        if self._pixmap is not None:
            painter.drawPixmap(place, self._pixmap)
        else:
            text.setAlphaF(0.08)
            painter.fillRect(place, text)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the press, so that the release comes here too."""
        if event is not None:
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Tell of a click on the picture."""
        inside = event is not None and self.rect().contains(event.position().toPoint())
        if inside and event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()


class TileGrid(QWidget):
    """Tiles in the rows and columns that let them be largest.

    Parameters
    ----------
    n_tiles
        How many.
    """

    def __init__(self, n_tiles: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = tuple(FaceTile(self) for _ in range(n_tiles))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        """Return the height at which the tiles fill the width."""
        columns = self._columns(width)
        rows = ceil(len(self.tiles) / columns)
        side = min((width - _GAP * (columns - 1)) // columns, _LARGEST_PX)
        return rows * (side + self._head) + _GAP * (rows - 1)

    def sizeHint(self) -> QSize:
        """Return a size at which two tiles lie side by side."""
        width = 2 * _USUAL_PX + _GAP
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return a size at which faces can still be told."""
        columns = 2 if len(self.tiles) > 1 else 1
        rows = ceil(len(self.tiles) / columns)
        height = rows * (_SMALLEST_PX + self._head) + _GAP * (rows - 1)
        return QSize(columns * _SMALLEST_PX + _GAP * (columns - 1), height)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Place the tiles."""
        side, columns = max(
            (self._side(columns), -columns) for columns in range(1, len(self.tiles) + 1)
        )
        columns, side = -columns, max(side, 1)
        margin = max(0, (self.width() - columns * side - _GAP * (columns - 1)) // 2)
        for number, tile in enumerate(self.tiles):
            row, column = divmod(number, columns)
            tile.setGeometry(
                margin + column * (side + _GAP),
                row * (side + self._head + _GAP),
                side,
                side + self._head,
            )

    @property
    def _head(self) -> int:
        return self.tiles[0].caption_height

    def _columns(self, width: int) -> int:
        """Return how many columns suit a width if the height is free."""
        if len(self.tiles) == 1:
            return 1
        return len(self.tiles) if width >= 1.6 * _USUAL_PX * len(self.tiles) else 2

    def _side(self, columns: int) -> int:
        """Return the side of the tiles in so many columns."""
        rows = ceil(len(self.tiles) / columns)
        across = (self.width() - _GAP * (columns - 1)) // columns
        down = (self.height() - _GAP * (rows - 1)) // rows - self._head
        return min(across, down, _LARGEST_PX)


def _pixmap(picture: NDArray[np.uint8]) -> QPixmap:
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    is_grey = picture.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if is_grey else QImage.Format.Format_RGB888
    image = QImage(picture.tobytes(), width, height, width * (1 if is_grey else 3), kind)
    return QPixmap.fromImage(image.copy())  # the bytes live no longer than this call
