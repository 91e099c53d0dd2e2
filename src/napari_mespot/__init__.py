"""Spot micro- and macro-expressions in long face videos.

The light nouns are here; everything else lives in its room::

    from napari_mespot.frames import open_frames
    from napari_mespot.spotting import spot_video
"""

from importlib.metadata import version

from napari_mespot.model import (
    Annotation,
    Expression,
    ExpressionKind,
    Interval,
    ReviewStatus,
    ScoreSignal,
)

__version__ = version("napari-mespot")

__all__ = [
    "Annotation",
    "Expression",
    "ExpressionKind",
    "Interval",
    "ReviewStatus",
    "ScoreSignal",
    "__version__",
]
