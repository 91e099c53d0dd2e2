"""Spotters without training, as neighbours for the network's figures.

Importing this room imports neither OpenCV nor scipy; using one of its spotters does.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from napari_mespot.spotting.baselines.params import FlowParams, LbpParams, PeakParams
from napari_mespot.spotting.baselines.protocol import VideoSpotter

if TYPE_CHECKING:
    from napari_mespot.spotting.baselines.flow import FlowSpotter
    from napari_mespot.spotting.baselines.lbp import LbpSpotter

__all__ = ["FlowParams", "FlowSpotter", "LbpParams", "LbpSpotter", "PeakParams", "VideoSpotter"]

_HOMES = {"FlowSpotter": "flow", "LbpSpotter": "lbp"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
