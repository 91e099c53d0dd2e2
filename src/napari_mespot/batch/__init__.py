"""Many videos: which they are, what to do with each, and the files they leave behind."""

from napari_mespot.batch.cluster import run_tasks
from napari_mespot.batch.cluster_params import ClusterParams
from napari_mespot.batch.inputs import find_openface, find_videos, name_videos, plain_name
from napari_mespot.batch.job import JobOutcome, SpottingJob
from napari_mespot.batch.outputs import check_untouched, prepare_folder, save_result
from napari_mespot.batch.plot import draw_tracks
from napari_mespot.batch.results import VideoResult, find_results
from napari_mespot.batch.runner import spot_videos
from napari_mespot.batch.spot_job import with_thresholds
from napari_mespot.batch.tasks import Task, TaskOutcome, TaskWork, task_key
from napari_mespot.batch.video_clocks import VideoClocks, videos_in

__all__ = [
    "ClusterParams",
    "JobOutcome",
    "SpottingJob",
    "Task",
    "TaskOutcome",
    "TaskWork",
    "VideoClocks",
    "VideoResult",
    "check_untouched",
    "draw_tracks",
    "find_openface",
    "find_results",
    "find_videos",
    "name_videos",
    "plain_name",
    "prepare_folder",
    "run_tasks",
    "save_result",
    "spot_videos",
    "task_key",
    "videos_in",
    "with_thresholds",
]
