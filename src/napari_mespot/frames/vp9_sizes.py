"""Sizes of the pictures of a VP9 stream, which may change from any picture to the next."""

__all__ = ["Vp9Sizes"]

_Size = tuple[int, int]
_SYNC_BITS = 24
_SRGB = 7
_SLOTS = 8


class Vp9Sizes:
    """Follows a stream from its first packet on and tells the size of what each packet shows."""

    def __init__(self) -> None:
        self._slots: list[_Size | None] = [None] * _SLOTS

    def shown_by(self, packet: memoryview) -> _Size | None:
        """Height and width of the picture a packet shows; None if it tells of none."""
        shown = None
        for frame in _frames_of(packet):
            try:
                shown = self._read(_Bits(frame)) or shown
            except IndexError:  # cut off
                break
        return shown

    def _read(self, bits: "_Bits") -> _Size | None:
        """Read one frame's header, note which slots it fills, and return its size if shown."""
        bits.take(2)
        profile = bits.take(1) | bits.take(1) << 1
        if profile == 3:
            bits.take(1)
        if bits.take(1):  # a picture decoded before is shown again
            return self._slots[bits.take(3)]
        inter, shown, resilient = bits.take(1), bits.take(1), bits.take(1)
        intra_only = bool(inter and not shown and bits.take(1))
        if inter and not resilient:
            bits.take(2)
        if not inter or intra_only:
            bits.take(_SYNC_BITS)
            if not inter or profile > 0:
                _skip_colour(bits, profile)
        refreshed = bits.take(_SLOTS) if inter else (1 << _SLOTS) - 1
        size = self._size_by_reference(bits) if inter and not intra_only else _explicit(bits)
        for slot in range(_SLOTS):
            if refreshed >> slot & 1:
                self._slots[slot] = size
        return size if shown else None

    def _size_by_reference(self, bits: "_Bits") -> _Size | None:
        references = [bits.take(4) >> 1 for _ in range(3)]
        for slot in references:
            if bits.take(1):
                return self._slots[slot]
        return _explicit(bits)


class _Bits:
    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._place = 0

    def take(self, n: int) -> int:
        """Next `n` bits as a number."""
        value = 0
        for _ in range(n):
            byte = self._data[self._place >> 3]
            value = value << 1 | byte >> (7 - (self._place & 7)) & 1
            self._place += 1
        return value


def _explicit(bits: _Bits) -> _Size:
    width = bits.take(16) + 1
    return bits.take(16) + 1, width


def _skip_colour(bits: _Bits, profile: int) -> None:
    if profile >= 2:
        bits.take(1)
    if bits.take(3) != _SRGB:
        bits.take(1)
        if profile in (1, 3):
            bits.take(3)
    elif profile in (1, 3):
        bits.take(1)


def _frames_of(packet: memoryview) -> list[memoryview]:
    """Split a superframe, whose index at its end tells the lengths, into its frames."""
    marker = packet[-1] if len(packet) else 0
    count, width = (marker & 7) + 1, (marker >> 3 & 3) + 1
    index = 2 + count * width
    if marker & 0xE0 != 0xC0 or len(packet) < index or packet[-index] != marker:
        return [packet]
    table = packet[len(packet) - index + 1 : -1]
    frames, start = [], 0
    for row in range(count):
        length = int.from_bytes(table[row * width : (row + 1) * width], "little")
        frames.append(packet[start : start + length])
        start += length
    return frames
