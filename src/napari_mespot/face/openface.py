"""Take faces that OpenFace 2 has aligned already, in place of our own alignment.

OpenFace writes ``NAME_aligned/frame_det_<face>_<frame>.bmp`` (frames from 1) and ``NAME.csv``.
Either is enough: images without a table, or a table with the video it was made from. Column
names may carry a leading space, and older tables have no ``face_id``.
"""

import re
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.face.openface_table import OpenFaceTable, read_openface_table
from napari_mespot.face.params import AlignParams
from napari_mespot.face.sequence import FaceSequence
from napari_mespot.face.source import LumaSource
from napari_mespot.face.still import hold_still
from napari_mespot.face.warp import Cropper
from napari_mespot.io.openface_rows import most_frequent_face

__all__ = ["read_openface"]

_IMAGE = re.compile(r"frame_det_(?:(\d+)_)?(\d+)\.(?:bmp|png|jpe?g)$", re.IGNORECASE)


def read_openface(
    path: str | Path,
    source: LumaSource | None = None,
    *,
    frame_rate: Fraction | None = None,
    still: bool = True,
) -> FaceSequence:
    """Read what OpenFace wrote about one video.

    Parameters
    ----------
    path
        The folder ``NAME_aligned`` (the table ``NAME.csv`` is found beside it), or the table
        (the folder is found beside it).
    source
        The video, needed for a table without a folder.
    frame_rate
        Frames per second; by default that of the table, of `source`, or 30 with a warning.
    still
        Register the crops to each other, which takes out the jitter of landmarks that were
        fitted frame by frame.

    Returns
    -------
    Faces with ``found`` as OpenFace says. Without a table, ``transforms`` start from the
    crops themselves.

    Raises
    ------
    FrameReadError
        If there is nothing to read at `path`, or a file is not what OpenFace writes.
    """
    path = Path(path)
    folder, table_path = _locate(path)
    table = read_openface_table(table_path) if table_path else None
    if folder is not None:
        faces = _from_images(folder, table, frame_rate)
    elif table is not None and table.transforms is not None and source is not None:
        faces = _from_video(source, table, frame_rate)
    else:
        raise FrameReadError(
            f"Expected a folder of aligned images beside {path.name}, found none: give the video "
            "as well, or the folder that OpenFace wrote with -simalign"
        )
    return hold_still(faces) if still else faces


def _locate(path: Path) -> tuple[Path | None, Path | None]:
    """Return the folder of images and the table that belong to `path`."""
    if path.is_dir():
        table = path.parent / f"{path.name.removesuffix('_aligned')}.csv"
        return path, table if table.is_file() else None
    if not path.is_file():
        raise FrameReadError(
            f"Expected a folder or a CSV that OpenFace wrote, found nothing at {path}: check the "
            "path"
        )
    folder = path.with_name(f"{path.stem}_aligned")
    return (folder if folder.is_dir() else None), path


def _from_images(
    folder: Path, table: OpenFaceTable | None, frame_rate: Fraction | None
) -> FaceSequence:
    paths, warnings = _image_paths(folder, table)
    n = max(max(paths) + 1, len(table.found) if table else 0)
    first = _read_image(paths[min(paths)], None)
    images = np.zeros((n, *first.shape), np.uint8)
    found = np.zeros(n, np.bool_)
    for frame in range(n):
        if frame in paths:
            images[frame] = _read_image(paths[frame], first.shape)
            found[frame] = True
        elif frame:
            images[frame] = images[frame - 1]
    confidence = found.astype(np.float32)
    transforms = np.broadcast_to(np.eye(2, 3), (n, 2, 3))
    if table is not None:
        seen = len(table.found)
        found[:seen] &= table.found
        found[seen:] = False
        confidence[:] = np.where(found, np.pad(table.confidence, (0, n - seen)), 0)
        if table.transforms is not None:
            transforms = np.pad(table.transforms, ((0, n - seen), (0, 0), (0, 0)), mode="edge")
        warnings += table.warnings
    rate = frame_rate or (table.frame_rate if table else None)
    if rate is None:
        rate = Fraction(30)
        warnings += (f"{folder.name} says no frame rate: taken as 30 per second",)
    name = folder.name.removesuffix("_aligned")
    breaks = table.breaks if table else ()
    return FaceSequence(name, rate, images, found, confidence, transforms.copy(), warnings, breaks)


def _from_video(
    source: LumaSource, table: OpenFaceTable, frame_rate: Fraction | None
) -> FaceSequence:
    """Cut the faces out of the video by the table's landmarks."""
    if table.transforms is None:
        raise ValueError("Expected a table with landmarks")
    n = source.n_frames
    params = AlignParams()
    cropper = Cropper(params.crop_px, supersample=params.supersample)
    cropper.settle(table.transforms[int(np.argmax(table.found))])
    found = np.zeros(n, np.bool_)
    shared = min(n, len(table.found))
    found[:shared] = table.found[:shared]
    transforms = np.pad(table.transforms[:shared], ((0, n - shared), (0, 0), (0, 0)), mode="edge")
    images = np.zeros((n, params.crop_px, params.crop_px), np.uint8)
    for frame, luma in enumerate(source.iter_luma()):
        found[frame] &= luma is not None
        if frame in table.breaks:
            cropper.settle(transforms[frame])
        if found[frame] and luma is not None:
            images[frame] = cropper.cut(luma, transforms[frame])
        elif frame:
            images[frame] = images[frame - 1]
    warnings = table.warnings
    if n != len(table.found):
        warnings += (f"the OpenFace table has {len(table.found)} frames, the video {n}",)
    confidence = np.where(found, np.pad(table.confidence[:shared], (0, n - shared)), 0)
    rate = frame_rate or Fraction(source.frame_rate)
    return FaceSequence(
        source.video_id,
        rate,
        images,
        found,
        confidence.astype(np.float32),
        transforms,
        warnings,
        tuple(frame for frame in table.breaks if frame < n),
    )


def _image_paths(
    folder: Path, table: OpenFaceTable | None
) -> tuple[dict[int, Path], tuple[str, ...]]:
    """Return the images of one face by frame, from 0: that of the table, else the most frequent."""
    matches = [(match, path) for path in folder.iterdir() if (match := _IMAGE.match(path.name))]
    if not matches:
        raise FrameReadError(
            f"Expected images named frame_det_00_000001.bmp in {folder}, found none: choose the "
            "folder that OpenFace wrote"
        )
    # Some scripts count frames from 0.
    first = min(1, *(int(match[2]) for match, _ in matches))
    images = [(int(match[2]) - first, int(match[1] or 0), path) for match, path in matches]
    if table is not None and table.numbers is not None and len({n for _, n, _ in images}) > 1:
        wanted = dict(enumerate(table.numbers.tolist()))
        followed = {frame: path for frame, n, path in images if wanted.get(frame) == n}
        if followed:
            return followed, ()
    kept, warnings = most_frequent_face([number for _, number, _ in images])
    return {frame: path for frame, number, path in images if number == kept}, warnings


def _read_image(path: Path, shape: tuple[int, ...] | None) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise FrameReadError(f"Expected an image, got {path}: remove it or align the video again")
    square = image.shape[0] == image.shape[1] if shape is None else image.shape == shape
    if not square:
        wanted = "a square image" if shape is None else f"{shape[1]}×{shape[0]} pixels"
        raise FrameReadError(
            f"Expected {wanted}, got {image.shape[1]}×{image.shape[0]} in {path}: align the video "
            "again with one size"
        )
    return np.asarray(image, dtype=np.uint8)
