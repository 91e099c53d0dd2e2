"""napari's File menu while a video is under review: it saves the review, and no video as pictures.

napari would read a whole video into memory to save its layer, fail, and leave a file of a few
bytes. Its entries are hidden as long as they mean the video; other layers can be saved as ever.
"""

from collections.abc import Callable
from contextlib import suppress

from qtpy.QtCore import QObject
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QWidget

__all__ = ["FileMenu"]

_SELECTED = "napari.window.file.save_layers_dialog.selected"
_ALL = "napari.window.file.save_layers_dialog"
_TEXT = "Save the Review"


class FileMenu(QObject):
    """Puts an entry for the session into the File menu, in the place of those that mean the video.

    Parameters
    ----------
    window
        napari's window.
    video_is_selected
        Says whether saving the selected layers would save the video.
    save
        Saves the session.
    """

    def __init__(
        self, window: QWidget, video_is_selected: Callable[[], bool], save: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._video_is_selected = video_is_selected
        self._menus = [menu for menu in window.findChildren(QMenu) if _entries(menu)]
        self.entry = QAction(_TEXT, self)
        self.entry.triggered.connect(lambda: save())
        for menu in self._menus:
            menu.aboutToShow.connect(self._adjust)
        self._adjust()

    def show_key(self, key: str) -> None:
        """Name the key that saves, as the other entries do theirs; it is heard elsewhere."""
        self.entry.setText(f"{_TEXT}\t{key}" if key else _TEXT)

    def close(self) -> None:
        """Give the menu back."""
        with suppress(RuntimeError):  # the window may have gone first
            for menu in self._menus:
                menu.aboutToShow.disconnect(self._adjust)
                menu.removeAction(self.entry)
                for entry in _entries(menu):
                    entry.setVisible(True)
            self.deleteLater()

    def _adjust(self) -> None:
        """Hide what would save the video; napari shows all entries whenever the menu opens."""
        for menu in self._menus:
            entries = _entries(menu)
            for entry in entries:
                is_harmless = entry.objectName() == _SELECTED and not self._video_is_selected()
                entry.setVisible(is_harmless)
            if entries and self.entry not in menu.actions():  # new, or the menu was made anew
                menu.insertAction(entries[0], self.entry)


def _entries(menu: QMenu) -> list[QAction]:
    """Return napari's own entries that save layers."""
    return [action for action in menu.actions() if action.objectName() in {_SELECTED, _ALL}]
