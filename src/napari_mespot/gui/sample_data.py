"""The sample videos in napari's File menu."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari.types import FullLayerData

__all__ = ["sample_at_30_fps", "sample_at_200_fps"]


def sample_at_30_fps() -> "list[FullLayerData]":
    """Return the drawn face at 30 frames per second."""
    return _sample(30)


def sample_at_200_fps() -> "list[FullLayerData]":
    """Return the drawn face at 200 frames per second."""
    return _sample(200)


def _sample(rate: int) -> "list[FullLayerData]":
    from napari_mespot.frames import open_frames
    from napari_mespot.frames.synthetic.sample import sample_path
    from napari_mespot.gui.lazy_video import video_layer_data

    return [video_layer_data(open_frames(sample_path(rate)))]
