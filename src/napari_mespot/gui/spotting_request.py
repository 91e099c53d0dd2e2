"""What the Spot dock asks of its thread."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from napari_mespot.errors import FrameReadError
from napari_mespot.face import FaceCache
from napari_mespot.face.choice import LARGEST, FaceChoice
from napari_mespot.frames import open_frames
from napari_mespot.gui.task_worker import Tell
from napari_mespot.progress import Progress
from napari_mespot.spotting.params import SpottingParams

if TYPE_CHECKING:
    from napari_mespot.spotting import SpottingResult

__all__ = ["THREAD_NAME", "SpotRequest", "spot_request"]

THREAD_NAME = "mespot-spotting"


@dataclass(frozen=True, slots=True)
class SpotRequest:
    """What is to be spotted, and with what.

    Parameters
    ----------
    path
        The video file or folder of images.
    frame_rate
        Frames per second in place of what the video says; None to believe it.
    n_frames
        Length that the video has in the window; another one is an error.
    checkpoint
        Name of a shipped checkpoint, or a file.
    rules
        Smoothing and thresholds; None for the checkpoint's own.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, … or ``"mps"``.
    face
        Which face to follow.
    """

    path: Path
    frame_rate: Fraction | None
    n_frames: int
    checkpoint: str | Path
    rules: SpottingParams | None = None
    device: str = "auto"
    face: FaceChoice = LARGEST


def spot_request(request: SpotRequest, tell: Tell) -> "SpottingResult":
    """Spot what is asked for; scores are handed over as they come.

    The video is opened anew, so that looking at it meanwhile disturbs nothing.

    Raises
    ------
    MespotError
        If the video cannot be read or has changed, or the checkpoint is none.
    Cancelled
        If `tell` says so.
    """
    tell(Progress("opening the video", 0, 0))
    with open_frames(request.path, fps=request.frame_rate) as source:
        if source.n_frames != request.n_frames:
            raise FrameReadError(
                f"{request.path}: expected {request.n_frames} frames, got {source.n_frames}; "
                "the file has changed since it was opened: open it again"
            )
        tell(Progress("loading the network", 0, 0))
        # Importing torch takes seconds, so that is done here too.
        from napari_mespot.network import load_checkpoint
        from napari_mespot.spotting import spot_video

        checkpoint = load_checkpoint(request.checkpoint)
        tell(Progress("looking for the face", 0, 0))
        return spot_video(
            source,
            checkpoint,
            params=request.rules,
            device=request.device,
            cache=FaceCache(),
            progress=tell,
            on_scores=tell,
            face=request.face,
        )
