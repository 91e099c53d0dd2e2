"""Spotters without training, as neighbours for the network's figures."""

from napari_mespot.spotting.baselines.protocol import VideoSpotter

__all__ = ["VideoSpotter"]
