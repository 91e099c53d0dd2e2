"""Where the network runs: asks PyTorch what there is only when somebody wants to know."""

import threading
from contextlib import suppress

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_mespot.gui.param_fields import WheelGuard

__all__ = ["DeviceBox"]

_WORDS = {"auto": "automatic", "cpu": "CPU", "mps": "Apple GPU"}
_ALWAYS = ("auto", "cpu")
_LONGEST_WAIT_S = 30.0


class DeviceBox(QComboBox):
    """Offers *automatic* and the CPU at once, GPUs as soon as its list has been opened."""

    known = Signal()
    """All devices are in the list."""
    _found = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search: threading.Thread | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setToolTip("Where the network runs; automatic is the fastest there is")
        WheelGuard(self)
        for name in _ALWAYS:
            self.addItem(_WORDS[name], name)
        self._found.connect(self._show_found)

    @property
    def device(self) -> str:
        """Name of the device for :func:`~napari_mespot.network.choose_device`."""
        return str(self.currentData())

    def showPopup(self) -> None:
        """Look for GPUs in a thread when the list is opened for the first time."""
        if self._search is None:
            self._search = threading.Thread(target=self._look, name="mespot-devices", daemon=True)
            self._search.start()
        super().showPopup()

    def shut_down(self) -> None:
        """Wait for the search to end."""
        if self._search is not None:
            self._search.join(_LONGEST_WAIT_S)

    def _look(self) -> None:
        from napari_mespot.network.devices import list_devices

        with suppress(RuntimeError):  # the box is gone
            self._found.emit(list_devices())

    def _show_found(self, names: tuple[str, ...]) -> None:
        for name in names:
            if self.findData(name) < 0:
                self.addItem(_WORDS.get(name, _gpu(name)), name)
        self.known.emit()


def _gpu(name: str) -> str:
    _, _, number = name.partition(":")
    return f"NVIDIA GPU {number}".strip()
