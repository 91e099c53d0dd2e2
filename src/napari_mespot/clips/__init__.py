"""Which frames are compared with each other, and what the target of each frame or step is.

The one place that knows skips, reference frames and clamped ends.
"""

from napari_mespot.clips.grid_targets import grid_targets
from napari_mespot.clips.params import ClipParams, SkipRange
from napari_mespot.clips.reach import Reach, reach_of
from napari_mespot.clips.sampling import clip_frames, clip_places, draw_skips, frame_skips
from napari_mespot.clips.targets import frame_targets

__all__ = [
    "ClipParams",
    "Reach",
    "SkipRange",
    "clip_frames",
    "clip_places",
    "draw_skips",
    "frame_skips",
    "frame_targets",
    "grid_targets",
    "reach_of",
]
