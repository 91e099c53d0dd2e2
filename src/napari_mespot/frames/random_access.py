"""Any frame of a video, decoded from as near as possible and remembered for a while."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from av.video.frame import VideoFrame

from napari_mespot.frames.decoder import Decoder, keys_back
from napari_mespot.frames.gop_cache import GopCache
from napari_mespot.frames.index import PacketIndex
from napari_mespot.frames.picture import Picture

__all__ = ["RandomAccess"]

_CACHE_FRAMES = 512
#: Decoding this many frames beyond what a seek would need still beats the seek.
_SEEK_COST_FRAMES = 8
#: A frame that no key packet near it reaches is tried from the start if that is this near.
_START_WITHIN = 1500


@dataclass
class _Run:
    """A decoder under way.

    `promised` is the frame its key packet should give first; once that has come, the run is
    `sound`, as is one from the start of the file. `patient` means free of frame threads, which
    lose good pictures beside damaged ones. `next` is the first frame not yet passed.
    """

    frames: Iterator[tuple[int, VideoFrame]]
    promised: int
    patient: bool
    next: int = 0
    sound: bool = False

    def settles(self) -> bool:
        """Whether a frame this run has passed over is damaged for certain."""
        return self.patient and self.sound


class RandomAccess:
    """Pictures of a video by frame number. Not thread-safe.

    Parameters
    ----------
    path, index
        The video and its index.
    cache_bytes
        Budget for decoded pictures kept.
    """

    def __init__(self, path: Path, index: PacketIndex, cache_bytes: int) -> None:
        self._index = index
        self._cache = GopCache(cache_bytes, _CACHE_FRAMES)
        self._swift = Decoder(path, index)
        self._patient = Decoder(path, index, threads="SLICE")
        self._run: _Run | None = None
        self._lost: set[int] = set()
        self._unsound_keys: set[int] = set()

    @property
    def cache(self) -> GopCache:
        """The pictures kept."""
        return self._cache

    def picture(self, frame: int) -> Picture | None:
        """Frame `frame` as stored; None if it cannot be decoded."""
        picture = self._cache.get(frame)
        if picture is None and frame not in self._lost:
            picture = self._decode(frame)
            if picture is None:
                self._lost.add(frame)
        return picture

    def close(self) -> None:
        """Close files and forget pictures."""
        self._run = None
        self._swift.close()
        self._patient.close()
        self._cache.clear()

    def _decode(self, frame: int) -> Picture | None:
        """Decode on from where the decoder stands, else from the key packet before the frame.

        Failing that, once more without frame threads, and from key packets further back, since
        one may be damaged or promise more than it holds.
        """
        key = self._index.keys.before(frame)
        run = self._run
        if run is not None and self._index.promised(key) - _SEEK_COST_FRAMES <= run.next <= frame:
            picture = self._advance(run, frame)
            if picture is not None or run.settles():
                return picture
        for patient, start in self._attempts(key, frame):
            decoder = self._patient if patient else self._swift
            promised = self._index.promised(start)
            run = self._run = _Run(decoder.run(start), promised, patient, sound=start < 0)
            picture = self._advance(run, frame)
            if picture is not None or run.settles():
                return picture
            if patient and not run.sound:
                self._unsound_keys.add(start)
        return None

    def _attempts(self, key: int, frame: int) -> Iterator[tuple[bool, int]]:
        """Yield whether to be patient, and the key packet to start from."""
        if key not in self._unsound_keys:
            yield False, key
        for earlier in keys_back(key):
            if earlier not in self._unsound_keys:
                yield True, earlier
        # A file without sound keys anywhere near is decoded from its start, however far.
        if frame < _START_WITHIN or all(k in self._unsound_keys for k in keys_back(key)):
            yield True, -1

    def _advance(self, run: _Run, frame: int) -> Picture | None:
        """Run up to `frame`, keeping the pictures just before it for steps back."""
        for number, decoded in run.frames:
            run.sound = run.sound or number == run.promised
            if not run.sound:
                break
            run.next = number + 1
            picture = Picture.of(decoded)
            if frame - number < self._cache.room(picture):
                picture = self._cache.put(number, picture)
                if number == frame:
                    return picture
            if number > frame:
                return None
        self._run = None
        return None
