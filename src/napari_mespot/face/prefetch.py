"""Read ahead in a second thread, so that decoding and alignment run at the same time."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

__all__ = ["prefetch"]

_Item = TypeVar("_Item")
_WAIT_S = 0.1


def prefetch(items: Iterator[_Item], depth: int) -> Generator[_Item]:
    """Yield the items of an iterator that a second thread runs up to `depth` items ahead.

    An error in the iterator is raised here, after the items before it. Closing this generator
    stops the thread and waits for it.
    """
    reader = _Reader(items, depth)
    reader.thread.start()
    try:
        while not isinstance(item := reader.box.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        reader.stop.set()
        reader.thread.join()


class _End:
    """Marks the end of the items, with the error that ended them, if any."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class _Reader(Generic[_Item]):
    """The second thread: puts items into a box of limited size until told to stop."""

    def __init__(self, items: Iterator[_Item], depth: int) -> None:
        self.box: queue.Queue[_Item | _End] = queue.Queue(depth)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._work, name="mespot-read-ahead", daemon=True)
        self._items = items

    def _work(self) -> None:
        try:
            for item in self._items:
                if not self._put(item):
                    break
            self._put(_End())
        except BaseException as error:  # noqa: BLE001 - handed over and raised by the reader
            self._put(_End(error))
        finally:
            close = getattr(self._items, "close", None)
            if close is not None:
                close()

    def _put(self, item: _Item | _End) -> bool:
        """Put an item into the box; False if told to stop before there was room."""
        while not self.stop.is_set():
            try:
                self.box.put(item, timeout=_WAIT_S)
            except queue.Full:
                continue
            return True
        return False
