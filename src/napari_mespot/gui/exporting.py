"""Writes the intervals under review to a file that the user chooses."""

from typing import TYPE_CHECKING

from napari.utils.notifications import show_info
from qtpy.QtWidgets import QWidget

from napari_mespot.errors import MespotError
from napari_mespot.gui.dialogs import ask_export
from napari_mespot.gui.session import Session
from napari_mespot.gui.telling import Telling
from napari_mespot.io.dispatch import write_annotations

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource

__all__ = ["export_intervals"]


def export_intervals(
    window: QWidget | None, source: "FrameSource", session: Session, telling: Telling
) -> None:
    """Ask for a file and write the intervals there; a file that is there is merged into.

    What the format cannot hold, and where a copy of the file as it was lies, is told.
    """
    suggestion = source.path.with_name(f"{source.video_id}.corrected.intervals.csv")
    answer = ask_export(window, suggestion)
    if answer is None:
        return
    path, form = answer
    try:
        annotation = session.review.annotation()
        write_annotations(path, [annotation], format=form, notice=telling.warn)
    except MespotError as error:
        telling.fail(error)
        return
    show_info(f"Intervals written: {path}")
