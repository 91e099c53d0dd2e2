"""What the header of an image file says, read without decoding it."""

import struct
from dataclasses import dataclass
from pathlib import Path

from napari_mespot.frames.watched_file import failed, reading

__all__ = ["ImageHeader", "image_header"]

_EXIF_ORIENTATION = 0x0112
#: Formats of which Pillow does not say whether colours have 16 bits.
_PERHAPS_DEEP = frozenset({"PPM", "JPEG2000"})
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Size as stored, EXIF's number of the orientation, most bits of a sample, and pictures."""

    height: int
    width: int
    orientation: int | None
    bits: int
    n_pictures: int


def image_header(path: Path) -> ImageHeader | None:
    """Read the header of an image that is no TIFF; None if it is no image.

    Raises
    ------
    FileReadError
        The file cannot be read just now.
    """
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            n_pictures = getattr(image, "n_frames", 1)
            if image.format == "PNG":
                bits, exif = _png_facts(path)
                orientation = None
                if exif:
                    found = Image.Exif()
                    found.load(exif)
                    orientation = found.get(_EXIF_ORIENTATION)
            else:
                may_be_deep = image.mode.startswith("I") or image.format in _PERHAPS_DEEP
                bits = 16 if may_be_deep else 8
                orientation = image.getexif().get(_EXIF_ORIENTATION)
    except OSError as error:
        if error.errno is not None:  # the disk's, and not the image's
            raise failed(path, error) from None
        return None
    except (ValueError, SyntaxError, struct.error, Image.DecompressionBombError):
        return None
    number = orientation if isinstance(orientation, int) else None
    return ImageHeader(height, width, number, bits, n_pictures)


def _png_facts(path: Path) -> tuple[int, bytes | None]:
    """Bits of a sample and the EXIF chunk, which may lie behind the pixels.

    Pillow would decode the whole picture to look for it there.
    """
    with reading(path), path.open("rb") as file:
        file.seek(len(_PNG))
        bits = 8
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind == b"eXIf":
                return bits, file.read(length)
            if kind == b"IEND":
                break
            if kind == b"IHDR":
                bits = file.read(length)[8]
                length = 0
            file.seek(length + 4, 1)
    return bits, None
