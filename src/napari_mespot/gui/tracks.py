"""Further tracks for the timeline: the action units of an OpenFace table."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_mespot.errors import AnnotationFormatError, MespotError
from napari_mespot.io.action_unit_tracks import ActionUnitTracks, read_action_units

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource
    from napari_mespot.gui.telling import Telling

__all__ = ["open_tracks", "tracks_of"]


def open_tracks(
    window: QWidget | None, source: "FrameSource", timeline: Any, telling: "Telling"
) -> None:
    """Ask for an OpenFace table and show its action units in the timeline."""
    text, _ = QFileDialog.getOpenFileName(
        window,
        "Show the action units of an OpenFace table",
        str(source.path.parent),
        "OpenFace tables (*.csv);;All files (*)",
    )
    if not text:
        return
    try:
        tracks = read_action_units(Path(text))
        timeline.set_extra_tracks(tracks_of(tracks, source.n_frames, Path(text)))
    except MespotError as error:
        telling.fail(error)
        return
    for warning in (*tracks.warnings, *_shorter(tracks, source.n_frames, Path(text))):
        telling.warn(warning)


def _shorter(tracks: ActionUnitTracks, n_frames: int, path: Path) -> tuple[str, ...]:
    """Say that a table ends before the video does: it may belong to another one."""
    if tracks.n_frames >= n_frames:
        return ()
    return (
        f"{path.name} has {tracks.n_frames:,} frames, the video {n_frames:,}: the rest has no "
        "action units; choose another table if this one belongs to another video",
    )


def tracks_of(
    tracks: ActionUnitTracks, n_frames: int, path: Path
) -> tuple[tuple[str, NDArray[np.float32]], ...]:
    """Return names and values of tracks as long as a video.

    Raises
    ------
    AnnotationFormatError
        If the table is longer than the video: it belongs to another one.
    """
    if tracks.n_frames > n_frames:
        raise AnnotationFormatError(
            f"{path}: expected at most {n_frames} frames, as the video has, got "
            f"{tracks.n_frames}; choose the table of this video"
        )
    missing = np.full(n_frames - tracks.n_frames, np.nan, np.float32)
    return tuple((name, np.concatenate([tracks.of(name), missing])) for name in tracks.names)
