"""The videos of a data set, aligned by whichever worker is free."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from napari_mespot.batch.cluster import run_tasks
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.outputs import prepare_folder
from napari_mespot.batch.tasks import TaskOutcome, TaskWork, task_key
from napari_mespot.errors import FrameReadError
from napari_mespot.face.params import AlignParams
from napari_mespot.io.datasets import DatasetVideo, SpottingDataset
from napari_mespot.learning.dataset_faces import (
    FaceFile,
    LabelledFile,
    align_video,
    labelled_file,
)
from napari_mespot.model import Annotation
from napari_mespot.progress import Progress, ProgressCallback

__all__ = ["AlignedDataset", "align_dataset"]


@dataclass(frozen=True)
class AlignedDataset:
    """A data set whose faces are on disk.

    Parameters
    ----------
    dataset
        What was read.
    files
        Faces and labels of every video that could be aligned.
    warnings
        One line for every video that could not.
    """

    dataset: SpottingDataset
    files: tuple[LabelledFile, ...]
    warnings: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[Annotation, ...]:
        """Labels of every video, also of those that could not be aligned."""
        own = {file.faces.unique_id: file.annotation for file in self.files}
        said = (video.annotation for video in self.dataset.videos)
        return tuple(own.get(f"{a.subject_id}/{a.video_id}", a) for a in said)


@dataclass(frozen=True)
class _AlignTask:
    key: str
    video: DatasetVideo
    align: AlignParams
    folder: Path


def align_dataset(
    dataset: SpottingDataset,
    align: AlignParams,
    folder: Path,
    *,
    cluster: ClusterParams | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> AlignedDataset:
    """Align every video of a data set that has not been aligned yet.

    Parameters
    ----------
    dataset
        The videos.
    align
        How to align.
    folder
        Where aligned faces are kept; every worker must see it under this path.
    cluster
        Where to do it.
    on_progress
        Told how many videos are done, or the frames of one where they are done one by one.

    Raises
    ------
    FrameReadError
        If no video can be aligned.
    OutputError
        If the folder cannot be written to.
    """
    folder = folder.absolute()
    # What is there is found again by the face cache itself, which notices changed videos.
    records = folder / "records"
    prepare_folder(records)
    shutil.rmtree(records, ignore_errors=True)
    tasks = [_task(video, align, folder) for video in dataset.videos]
    done = 0

    def came(outcome: TaskOutcome[_AlignTask, FaceFile]) -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(Progress("aligning videos", done, len(tasks)))

    outcomes = run_tasks(tasks, _WORK, out=records, params=cluster, on_outcome=came)
    shutil.rmtree(records, ignore_errors=True)
    files, warnings = [], []
    for video, outcome in zip(dataset.videos, outcomes, strict=True):
        if outcome.result is None:
            warnings.append(f"{video.path}: left out: {outcome.error}")
        else:
            faces = replace(outcome.result, align=align, folder=folder)
            files.append(labelled_file(video, faces))
    if not files:
        first = outcomes[0].error if outcomes else "the data set has no videos"
        raise FrameReadError(f"expected videos with faces, got none: {first}")
    return AlignedDataset(dataset, tuple(files), tuple(warnings))


def _task(video: DatasetVideo, align: AlignParams, folder: Path) -> _AlignTask:
    """Return a task that knows nothing of the labels."""
    said = video.annotation
    bare = Annotation(said.video_id, frame_rate=said.frame_rate, subject_id=said.subject_id)
    unlabelled = DatasetVideo(video.path.absolute(), bare)
    key = task_key(f"{said.subject_id}/{said.video_id}/{video.path}")
    return _AlignTask(key, unlabelled, align, folder)


def _run(task: _AlignTask, progress: ProgressCallback | None) -> FaceFile:
    return align_video(task.video, task.align, task.folder, progress)


def _encode(file: FaceFile) -> dict[str, object]:
    return {
        "video_id": file.video_id,
        "subject_id": file.subject_id,
        "n_frames": file.n_frames,
        "frame_rate": str(file.frame_rate),
        "fingerprint": file.fingerprint,
    }


def _decode(values: dict[str, object]) -> FaceFile:
    """Return the file; alignment and folder are put in by who knows them."""
    return FaceFile(
        str(values["video_id"]),
        str(values["subject_id"]),
        int(str(values["n_frames"])),
        Fraction(str(values["frame_rate"])),
        str(values["fingerprint"]),
        AlignParams(),
        Path(),
    )


_WORK: TaskWork[_AlignTask, FaceFile] = TaskWork(_run, encode=_encode, decode=_decode)
