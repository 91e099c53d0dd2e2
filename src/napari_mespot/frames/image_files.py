"""Read single image files: their size without decoding, their pixels as 8-bit."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.frames.watched_file import failed

__all__ = ["highest_value", "image_size", "read_image"]

_EXIF_ORIENTATION = 0x0112
#: EXIF orientations that swap height and width.
_EXIF_TURNED = frozenset({5, 6, 7, 8})


def image_size(path: Path) -> tuple[int, int] | None:
    """Height and width as displayed, from the file's header alone; None if it is no image."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            width, height = image.size
            if path.suffix.lower() in {".jpg", ".jpeg"}:
                turned = image.getexif().get(_EXIF_ORIENTATION) in _EXIF_TURNED
                return (width, height) if turned else (height, width)
            return height, width
    except OSError as error:
        if error.errno is not None:  # the disk's, and not the image's
            raise failed(path, error) from None
        return None
    except (ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def read_image(path: Path, *, grey: bool) -> NDArray[np.uint8] | None:
    """Decode an image file.

    Transparency is dropped and EXIF orientation applied. Of 16-bit samples the high byte is
    taken.

    Parameters
    ----------
    path
        The image file.
    grey
        Return brightness ``(H, W)`` instead of RGB ``(H, W, 3)``.

    Returns
    -------
    ndarray or None
        uint8 pixels; None if the file cannot be read or has neither 8 nor 16 bits.
    """
    samples = _decode(path, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR)
    if samples is None:
        return None
    if samples.dtype == np.uint16:
        pixels = (samples >> 8).astype(np.uint8)
    elif samples.dtype == np.uint8:
        pixels = samples.astype(np.uint8, copy=False)
    else:
        return None
    return pixels if grey else np.ascontiguousarray(pixels[..., ::-1])


def highest_value(path: Path) -> int | None:
    """Largest sample of a 16-bit image; None if it is not one."""
    samples = _decode(path, cv2.IMREAD_GRAYSCALE)
    return int(samples.max()) if samples is not None and samples.dtype == np.uint16 else None


def _decode(path: Path, flags: int) -> NDArray[Any] | None:
    try:
        # Through memory, because imread cannot open every path on Windows.
        stored = np.frombuffer(path.read_bytes(), np.uint8)
        if not len(stored):
            return None
        return cv2.imdecode(stored, flags | cv2.IMREAD_ANYDEPTH)
    except OSError as error:
        raise failed(path, error) from None
    except cv2.error:
        return None
