"""What a result was made from, so that results of another video are not taken for it."""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.batch.job import SpottingJob
from napari_mespot.face.choice import LARGEST
from napari_mespot.frames.fingerprint import content_digest
from napari_mespot.io.result_table import stated_facts

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint

__all__ = ["holds_another_video", "made_from"]

_VIDEO, _PLACE = "video", "place"


def made_from(job: SpottingJob, checkpoint: "Checkpoint") -> dict[str, str]:
    """Return the facts that a result says of itself: which video, checkpoint and settings."""
    from napari_mespot.network.lineage import checkpoint_digest

    settings = (
        job.frame_rate,
        job.threshold_me,
        job.threshold_mae,
        None if job.openface is None else job.openface.name,
        *([] if job.face == LARGEST else [str(job.face)]),
    )
    return {
        _VIDEO: content_digest(job.path),
        _PLACE: _place_of(job.path),
        "checkpoint": checkpoint_digest(checkpoint),
        "settings": hashlib.sha256(repr(settings).encode()).hexdigest()[:16],
    }


def holds_another_video(table: Path, video: Path) -> bool:
    """Whether a table of intervals is a result of another video than this one.

    A video is the same if it lies at the same place, whatever has been done to it, or has the
    same content. A table that does not say what it was made from is not known to be another's.
    """
    try:
        facts = stated_facts(table.read_bytes())
        if _VIDEO not in facts or facts.get(_PLACE) == _place_of(video):
            return False
        return facts[_VIDEO] != content_digest(video)
    except OSError:
        return False


def _place_of(video: Path) -> str:
    """Return a digest of where a video lies: tables are passed on, and paths tell of people."""
    return hashlib.sha256(os.fsencode(os.path.abspath(video))).hexdigest()[:16]
