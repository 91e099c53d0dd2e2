"""Frames of a video file by number, each exactly the one it should be."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from napari_mespot.errors import FrameReadError
from napari_mespot.frames.base import FramesBase
from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.fingerprint import file_fingerprint
from napari_mespot.frames.gop_cache import GopCache
from napari_mespot.frames.index import PacketIndex
from napari_mespot.frames.index_cache import load_index, store_index
from napari_mespot.frames.indexing import build_index
from napari_mespot.frames.pixels import luma, rgb
from napari_mespot.frames.rate import parse_frame_rate

__all__ = ["VideoFrames"]

_CACHE_BYTES = 256 << 20
_CACHE_FRAMES = 512
#: Decoding this many frames beyond what a seek would need still beats the seek.
_SEEK_COST_FRAMES = 8
#: A frame that no key packet near it reaches is tried from the start of files this short.
_START_WITHIN = 5000


class VideoFrames(FramesBase):
    """A video file as a :class:`~napari_mespot.frames.FrameSource`.

    Frame *i* is the *i*-th picture in display order, found through an index of packets that is
    made once and kept on disk. The file is opened on the first read. Reads from several threads
    are safe; they take turns.

    Parameters
    ----------
    path
        The video file.
    fps
        Frame rate to use instead of the container's average; see
        :func:`~napari_mespot.frames.rate.parse_frame_rate`.
    cache_bytes
        Memory for decoded pictures, which make steps back cheap.

    Raises
    ------
    FrameReadError
        The file is missing, empty, not a video, or nothing in it can be decoded.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        fps: Fraction | float | str | None = None,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        self.path = Path(path)
        self._options = {"fps": fps, "cache_bytes": cache_bytes}
        rate = None if fps is None else parse_frame_rate(fps)
        self._index = _index_of(self.path)
        if self._index.n_frames == 0:
            raise FrameReadError(
                f"Expected a video with pictures, but {path} has none; export it again."
            )
        self.video_id = self.path.stem
        self.n_frames = self._index.n_frames
        self.frame_rate = rate or self._index.rate
        self.height, self.width = self._index.orientation.size(
            self._index.height, self._index.width
        )
        self.warnings = self._index.warnings
        self.fingerprint = file_fingerprint(self.path)
        self._lock = threading.RLock()
        self._cache = GopCache(cache_bytes, _CACHE_FRAMES)
        self._decoder = Decoder(self.path, self._index)
        self._patient = Decoder(self.path, self._index, threads="SLICE")
        self._run: Iterator[tuple[int, VideoFrame]] | None = None
        self._next = 0
        self._lost: set[int] = set()
        self._reformatter = VideoReformatter()
        self._closed = False

    def read(self, index: int) -> NDArray[np.uint8]:
        """Decode one frame.

        Parameters
        ----------
        index
            Frame number, 0-based in display order.

        Returns
        -------
        ndarray
            ``(H, W, 3)`` uint8 RGB, upright, a fresh array.

        Raises
        ------
        IndexError
            `index` lies outside ``[0, n_frames)``.
        FrameReadError
            The frame is damaged beyond decoding.
        """
        with self._lock:
            image = rgb(self._picture(self._check(index)), self._reformatter)
        return np.ascontiguousarray(self._index.orientation.apply(image))

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Decode one frame's brightness, ``(H, W)`` uint8, upright; errors as for :meth:`read`.

        YUV video gives its Y samples as they are stored: limited range stays 16–235.
        """
        with self._lock:
            image = luma(self._picture(self._check(index)), self._reformatter)
            return self._upright(image)

    def iter_luma(
        self, start: int = 0, stop: int | None = None
    ) -> Iterator[NDArray[np.uint8] | None]:
        """Decode frames in order, as fast as FFmpeg's frame threads can.

        Works on a file handle of its own, so reads in between do not disturb it, in memory
        that does not depend on the length of the video.

        Parameters
        ----------
        start, stop
            First frame, and one past the last; the end of the video if `stop` is None.

        Yields
        ------
        ndarray or None
            ``(H, W)`` uint8 brightness as in :meth:`read_luma`, a fresh array; None for a frame
            that cannot be decoded. Exactly ``stop - start`` items.
        """
        frames = self._range(start, stop)
        if len(frames) == 0:
            return
        decoder = Decoder(self.path, self._index)
        reformatter = VideoReformatter()
        due = frames.start
        try:
            for frame, picture in decoder.run(self._index.keys.before(due)):
                while due < min(frame, frames.stop):
                    yield self._luma_or_none(due)
                    due += 1
                if due == frames.stop:
                    return
                if frame == due:
                    yield self._upright(luma(self._sized(picture, reformatter), reformatter))
                    due += 1
        finally:
            decoder.close()
        for frame in range(due, frames.stop):
            yield self._luma_or_none(frame)

    def close(self) -> None:
        """Close the file and forget decoded pictures; reading afterwards is an error."""
        with self._lock:
            self._closed = True
            self._run = None
            self._decoder.close()
            self._patient.close()
            self._cache.clear()

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.path, self._options)

    def _upright(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.array(self._index.orientation.apply(image), order="C")

    def _luma_or_none(self, frame: int) -> NDArray[np.uint8] | None:
        """Second try at a frame that frame threads did not deliver."""
        try:
            return self.read_luma(frame)
        except FrameReadError:
            return None

    def _sized(self, picture: VideoFrame, reformatter: VideoReformatter) -> VideoFrame:
        """Bring a picture of another size, after a change within the stream, to the first's."""
        height, width = self._index.height, self._index.width
        if (picture.height, picture.width) == (height, width):
            return picture
        return reformatter.reformat(picture, width=width, height=height, threads=1)

    def _picture(self, frame: int) -> VideoFrame:
        if self._closed:
            message = f"Expected an open video, but {self.path.name} has been closed"
            raise ValueError(message)
        picture = self._cache.get(frame)
        if picture is None and frame not in self._lost:
            picture = self._decode(frame)
        if picture is None:
            self._lost.add(frame)
            raise FrameReadError(
                f"Expected to decode frame {frame} of {self.path}, but it is damaged; "
                "skip it or copy the file again."
            )
        return picture

    def _decode(self, frame: int) -> VideoFrame | None:
        """Decode on from where the decoder stands, else from the key packet before the frame.

        Failing that, once more without frame threads, which lose good pictures next to damaged
        ones, and from key packets further back, since one may be flagged wrongly.
        """
        key = self._index.keys.before(frame)
        first = int(self._index.keys.frame[key]) if key >= 0 else 0
        if self._run is not None and first - _SEEK_COST_FRAMES <= self._next <= frame:
            picture = self._advance_to(frame)
            if picture is not None:
                return picture
        for decoder, start in self._attempts(key, frame):
            self._run = decoder.run(start)
            picture = self._advance_to(frame)
            if picture is not None:
                return picture
        return None

    def _attempts(self, key: int, frame: int) -> Iterator[tuple[Decoder, int]]:
        yield self._decoder, key
        for back in (0, 1, 2, 4):
            if key - back >= 0:
                yield self._patient, key - back
        if frame < _START_WITHIN:
            yield self._patient, -1

    def _advance_to(self, frame: int) -> VideoFrame | None:
        """Run the decoder up to `frame`, keeping the pictures just before it for steps back."""
        assert self._run is not None  # noqa: S101  (set by the caller)
        for number, decoded in self._run:
            self._next = number + 1
            if frame - number < self._cache.room(decoded):
                picture = self._cache.put(number, self._sized(decoded, self._reformatter))
                if number == frame:
                    return picture
            if number > frame:
                return None
        self._run = None
        return None


def _index_of(path: Path) -> PacketIndex:
    index = load_index(path)
    if index is None:
        index = build_index(path)
        store_index(path, index)
    return index


def _reopen(path: Path, options: dict[str, object]) -> VideoFrames:
    return VideoFrames(path, **options)  # type: ignore[arg-type]
