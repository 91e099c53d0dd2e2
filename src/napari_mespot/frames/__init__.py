"""Pixels from disk: one way to the frames of a video file or a folder of images.

>>> from napari_mespot.frames import open_frames  # doctest: +SKIP
>>> with open_frames("session.mp4") as source:  # doctest: +SKIP
...     image = source.read(0)
"""

from napari_mespot.frames.cache_folder import cache_root, clear_cache, private_folder
from napari_mespot.frames.folder import FolderFrames
from napari_mespot.frames.rate import parse_frame_rate
from napari_mespot.frames.source import FrameSource, open_frames
from napari_mespot.frames.video import VideoFrames

__all__ = [
    "FolderFrames",
    "FrameSource",
    "VideoFrames",
    "cache_root",
    "clear_cache",
    "open_frames",
    "parse_frame_rate",
    "private_folder",
]
