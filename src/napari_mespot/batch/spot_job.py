"""One video: open, spot, write the results."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_mespot.batch.identity import made_from
from napari_mespot.batch.job import JobOutcome, SpottingJob
from napari_mespot.batch.outputs import check_untouched, prepare_folder, save_result
from napari_mespot.errors import AnnotationFormatError
from napari_mespot.face import FaceCache, read_openface
from napari_mespot.frames import FrameSource, open_frames
from napari_mespot.io import read_table
from napari_mespot.model import Annotation, ExpressionKind, same_video
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting.params import KindDetectionParams, SpottingParams

if TYPE_CHECKING:
    from napari_mespot.network.checkpoint import Checkpoint
    from napari_mespot.spotting import SpottingResult

__all__ = ["spot_job", "with_thresholds"]


def with_thresholds(
    params: SpottingParams, threshold_me: float | None, threshold_mae: float | None
) -> SpottingParams:
    """Return the rules with other thresholds; the lower threshold changes in proportion."""
    detection = params.detection.model_copy(
        update={
            "me": _with_threshold(params.detection.me, threshold_me),
            "mae": _with_threshold(params.detection.mae, threshold_mae),
        }
    )
    return params.model_copy(update={"detection": detection})


def _with_threshold(rules: KindDetectionParams, threshold: float | None) -> KindDetectionParams:
    if threshold is None:
        return rules
    ratio = rules.low_threshold / rules.threshold if rules.threshold else 1.0
    changed = {"threshold": threshold, "low_threshold": threshold * ratio}
    return KindDetectionParams.model_validate({**rules.model_dump(), **changed})


def spot_job(
    job: SpottingJob,
    checkpoints: "dict[str | None, Checkpoint]",
    progress: ProgressCallback | None,
) -> JobOutcome:
    """Spot the video of one job, write its results, and raise what goes wrong.

    Parameters
    ----------
    job
        What to do.
    checkpoints
        Those loaded so far, by name; filled by this call.
    progress
        Called now and then.
    """
    prepare_folder(job.out)
    check_untouched(job.out, job.name)
    labels = _labels(job)
    with open_frames(job.path, fps=job.frame_rate) as source:
        # Loading the network takes seconds; a file that is no video is told of before.
        checkpoint = _checkpoint(job.checkpoint, checkpoints)
        params = with_thresholds(checkpoint.spotting, job.threshold_me, job.threshold_mae)
        result = _spot(job, source, checkpoint, params, progress)
    files = save_result(
        result,
        job.out,
        job.name,
        detection=params.detection if job.plot else None,
        labels=labels,
        made_from=made_from(job, checkpoint),
    )
    annotation = result.annotation
    return JobOutcome(
        job,
        warnings=result.warnings,
        n_frames=result.signal.n_frames,
        frame_rate=result.signal.frame_rate,
        n_with_face=int(np.count_nonzero(result.signal.found)),
        n_me=len(annotation.of_kind(ExpressionKind.MICRO)),
        n_mae=len(annotation.of_kind(ExpressionKind.MACRO)),
        followed=result.followed,
        files=files,
    )


def _spot(
    job: SpottingJob,
    source: FrameSource,
    checkpoint: "Checkpoint",
    params: SpottingParams,
    progress: ProgressCallback | None,
) -> "SpottingResult":
    from napari_mespot.spotting import spot_faces, spot_video

    if job.openface is not None:
        faces = read_openface(job.openface, source, frame_rate=source.frame_rate)
        faces = replace(faces, times=source.clock)
        return spot_faces(faces, checkpoint, params=params, device=job.device, progress=progress)
    return spot_video(
        source,
        checkpoint,
        params=params,
        device=job.device,
        cache=FaceCache() if job.cache else None,
        progress=progress,
        face=job.face,
    )


def _labels(job: SpottingJob) -> Annotation | None:
    """Read the labels of the job's video: those under its name, or the only ones there are."""
    if job.labels is None:
        return None
    tables = read_table(job.labels)
    for annotation in tables:
        if same_video(annotation.video_id, job.name) or len(tables) == 1:
            return annotation
    raise AnnotationFormatError(
        f"{job.labels}: expected labels of {job.name}, got none; check the column video"
    )


def _checkpoint(name: str | None, loaded: "dict[str | None, Checkpoint]") -> "Checkpoint":
    from napari_mespot.network import load_checkpoint

    if name not in loaded:
        loaded[name] = load_checkpoint() if name is None else load_checkpoint(name)
    return loaded[name]
