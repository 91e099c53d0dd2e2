"""What anything that spots expressions in a video has in common."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from napari_mespot.progress import ProgressCallback

if TYPE_CHECKING:
    from napari_mespot.frames import FrameSource
    from napari_mespot.spotting.spotter import SpottingResult

__all__ = ["VideoSpotter"]


@runtime_checkable
class VideoSpotter(Protocol):
    """From a video to expressions, whatever the method.

    Attributes
    ----------
    name
        How tables call it.
    """

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def __call__(
        self, source: "FrameSource", progress: ProgressCallback | None = None
    ) -> "SpottingResult":
        """Spot the expressions of a video.

        The values of the result's signal grow with the evidence; only those of a network are
        probabilities.
        """
        ...
