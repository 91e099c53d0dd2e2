"""What the spotters without training share: from a video to its aligned faces."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from napari_mespot.face import (
    AlignParams,
    FaceCache,
    FaceChunk,
    FaceStream,
    follow_right_face,
    stream_faces,
)
from napari_mespot.progress import ProgressCallback
from napari_mespot.spotting.spotter import SpottingResult

if TYPE_CHECKING:
    from napari_mespot.face.watch import Known
    from napari_mespot.frames import FrameSource

__all__ = ["CropSpotter"]


class CropSpotter(ABC):
    """A :class:`~napari_mespot.spotting.baselines.VideoSpotter` that works on aligned faces."""

    __slots__ = ()
    cache: FaceCache | None

    def __call__(
        self, source: "FrameSource", progress: ProgressCallback | None = None
    ) -> SpottingResult:
        """Spot the expressions of a video.

        Raises
        ------
        NoFaceError
            If no frame shows a face, or the face models are missing.
        """
        results: list[SpottingResult] = []

        def run(known: "Known | None") -> FaceStream:
            with stream_faces(source, AlignParams(), cache=self.cache, follow=known) as faces:
                result = self.spot_faces(
                    faces,
                    n_frames=source.n_frames,
                    frame_rate=source.frame_rate,
                    video_id=source.video_id,
                    progress=progress,
                )
            results.append(result)
            return faces

        follow_right_face(run)
        result = results[-1]
        # Found by the average rate, as published; told by the times of the video.
        return replace(
            result,
            signal=result.signal.with_clock(source.clock),
            smoothed=result.smoothed.with_clock(source.clock),
            annotation=result.annotation.with_clock(source.clock),
        )

    @abstractmethod
    def spot_faces(
        self,
        faces: Iterable[FaceChunk],
        *,
        n_frames: int,
        frame_rate: Fraction,
        video_id: str = "",
        progress: ProgressCallback | None = None,
    ) -> SpottingResult:
        """Spot the expressions of aligned faces, in consecutive chunks from frame 0 on."""
