"""Frames of a video file by number, each exactly the one it should be."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_mespot.errors import FileReadError, FrameReadError
from napari_mespot.frames.base import FramesBase
from napari_mespot.frames.damage import DamageLog, Doubt
from napari_mespot.frames.decoder import Decoder
from napari_mespot.frames.index import PacketIndex
from napari_mespot.frames.index_cache import load_index, store_index
from napari_mespot.frames.indexing import build_index
from napari_mespot.frames.layout import after_loss
from napari_mespot.frames.picture import Picture
from napari_mespot.frames.random_access import RandomAccess
from napari_mespot.frames.rate import parse_frame_rate
from napari_mespot.frames.timing import clock_warnings
from napari_mespot.frames.watched_file import FileIdentity, changed, file_identity
from napari_mespot.model import IMAGE_ENDINGS, Clock, composed

__all__ = ["VideoFrames"]

_CACHE_BYTES = 256 << 20


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
        Frame rate to use instead of the file's own times; see
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
        self._identity = file_identity(self.path)
        self._index = _index_of(self.path, self._identity)
        if self._index.n_frames == 0:
            raise FrameReadError(
                f"Expected a video with pictures, but {path} has none; export it again."
            )
        self.video_id = composed(self.path.stem)
        self.n_frames = self._index.n_frames
        self._clock = self._index.clock if rate is None else Clock(rate)
        self.frame_rate = self._clock.rate
        self.height, self.width = self._index.height, self._index.width
        self.warnings = (
            *_single_picture(self.path, self.n_frames),
            *self._index.warnings,
            *clock_warnings(self.path.name, self._index.clock, overridden=rate is not None),
        )
        self.fingerprint = self._identity.fingerprint
        self.damage = DamageLog()
        self._after_loss = after_loss(self._index.shows)
        self._lock = threading.RLock()
        self._access = RandomAccess(self.path, self._index, cache_bytes)
        self._display = self._index.display()
        self._closed = False

    @property
    def clock(self) -> Clock:
        """When each frame is shown: the file's stamps, or evenly if a rate was given."""
        return self._clock

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
        FileReadError
            The file cannot be read just now, or changed since it was opened.
        """
        with self._lock:
            return self._display.rgb(self._picture(self._check(index)))

    def read_luma(self, index: int) -> NDArray[np.uint8]:
        """Decode one frame's brightness, ``(H, W)`` uint8, upright; errors as for :meth:`read`.

        YUV video gives its Y samples as they are stored: limited range stays 16–235.
        """
        with self._lock:
            return self._display.luma(self._picture(self._check(index)))

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

        Raises
        ------
        FileReadError
            The file cannot be read just now, or changed since it was opened; found at the end
            at the latest. What was yielded before must not be kept.
        """
        frames = self._range(start, stop)
        first = next((n for n in map(self._index.picture_of, frames) if n >= 0), 0)
        came, image, is_doubtful = -1, None, False
        with closing(self._in_order(first)) as pictures:
            for frame in frames:
                wanted = self._index.picture_of(frame)
                if came == wanted and image is not None:
                    image = image.copy()
                while came < wanted:
                    came, image, is_doubtful = next(pictures)
                if wanted < 0 or image is None:
                    self.damage.lost.add(frame)
                elif is_doubtful:
                    self.damage.doubtful.add(frame)
                yield None if wanted < 0 else image
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Make sure that the file is still what was opened.

        Raises
        ------
        FileReadError
            It has been changed, replaced or removed, or cannot be read just now.
        """
        _check_identity(self.path, self._identity)

    def close(self) -> None:
        """Close the file and forget decoded pictures; reading afterwards is an error."""
        with self._lock:
            self._closed = True
            self._access.close()

    def __reduce__(self) -> tuple[object, ...]:
        return _reopen, (self.path, self._options)

    def _in_order(self, first: int) -> Generator[tuple[int, NDArray[np.uint8] | None, bool]]:
        """Yield number, brightness and whether in doubt of all pictures from `first` on."""
        decoder = Decoder(self.path, self._index)
        display = self._index.display()
        doubt = Doubt()
        due = first
        try:
            for number, decoded in decoder.sound_run(due):
                while due < number:
                    yield due, self._second_try(due, doubt), doubt.is_open
                    due += 1
                if number == due:
                    if number in self._after_loss:
                        doubt.note_loss()
                    doubt.look_at(decoded)
                    yield due, display.luma(Picture.of(decoded)), doubt.is_open
                    due += 1
        finally:
            decoder.close()
        for number in range(due, self._index.n_pictures):
            yield number, self._second_try(number, doubt), doubt.is_open

    def _second_try(self, number: int, doubt: Doubt) -> NDArray[np.uint8] | None:
        """Try again a picture that frame threads did not deliver."""
        with self._lock:
            self._check_open()
            picture = self._access.picture(number)
            if picture is None:
                doubt.note_loss()
                return None
            return self._display.luma(picture)

    def _check_open(self) -> None:
        if self._closed:
            message = f"Expected an open video, but {self.path.name} has been closed"
            raise ValueError(message)

    def _picture(self, frame: int) -> Picture:
        self._check_open()
        number = self._index.picture_of(frame)
        picture = None if number < 0 else self._access.picture(number)
        if picture is None:
            raise FrameReadError(
                f"Expected to decode frame {frame} of {self.path}, but it is damaged; "
                "skip it or copy the file again."
            )
        return picture


def _single_picture(path: Path, n_frames: int) -> tuple[str, ...]:
    if n_frames > 1 or path.suffix.lower() not in IMAGE_ENDINGS:
        return ()
    return (f"{path.name} is a single picture; give its folder to read a sequence.",)


def _index_of(path: Path, made_from: FileIdentity) -> PacketIndex:
    index = load_index(path, made_from)
    if index is None:
        index = build_index(path, made_from)
        # A file that is still being written must not be taken for indexed.
        _check_identity(path, made_from)
        store_index(path, index)
    return index


def _check_identity(path: Path, known: FileIdentity) -> None:
    try:
        now = file_identity(path)
    except FileReadError:
        raise
    except FrameReadError:  # gone, or emptied
        raise changed(path) from None
    if now.fingerprint != known.fingerprint:
        raise changed(path)


def _reopen(path: Path, options: dict[str, object]) -> VideoFrames:
    return VideoFrames(path, **options)  # type: ignore[arg-type]
