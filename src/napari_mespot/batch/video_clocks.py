"""The clocks of the videos at hand, found by the names that files of annotations give them."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

from napari_mespot.errors import AnnotationFormatError, MespotError
from napari_mespot.frames import open_frames
from napari_mespot.frames.timing import clock_warnings
from napari_mespot.model import Clock, VideoNames, is_video_file

__all__ = ["VideoClocks", "videos_in"]


class VideoClocks:
    """Finds the clock of a video by its name; a video is opened once, when it is asked for.

    A folder of images has no clock of its own, unless a frame rate is given.

    Parameters
    ----------
    videos
        The videos at hand.
    fps
        Frame rate of all of them, in place of what they say.
    meant
        Whether the one video given is meant whatever its name.
    notice
        Is told of videos that cannot be read, and of those whose times are uncommon.
    """

    def __init__(
        self,
        videos: Iterable[Path],
        *,
        fps: Fraction | None = None,
        meant: bool = False,
        notice: Callable[[str], None],
    ) -> None:
        self._videos = {video.name: video for video in videos}
        self._names = VideoNames(self._videos)
        self._fps, self._meant, self._notice = fps, meant, notice
        self._renamed: str | None = None
        self._known: dict[Path, Clock | None] = {}

    def __call__(self, video_id: str) -> Clock | None:
        """Return the clock of a video, or None if it is not at hand.

        Raises
        ------
        AnnotationFormatError
            If one video is meant, but the file speaks of several.
        """
        path = self._path(video_id)
        if path is None:
            return None
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _path(self, video_id: str) -> Path | None:
        name = self._names.find(video_id)
        if name is not None:
            return self._videos[name]
        if not self._meant or len(self._videos) != 1:
            return None
        if self._renamed not in {None, video_id}:
            raise AnnotationFormatError(
                f"expected the annotations of one video, got those of {self._renamed!r} and "
                f"{video_id!r}; name the folder of their videos instead"
            )
        self._renamed = video_id
        return next(iter(self._videos.values()))

    def _read(self, path: Path) -> Clock | None:
        if path.is_dir() and self._fps is None:
            return None
        try:
            with open_frames(path, fps=self._fps) as source:
                clock = source.clock
        except MespotError as error:
            if self._meant:
                raise
            self._notice(f"{path.name}: its times are not taken: {error}")
            return None
        for text in clock_warnings(path.name, clock):
            self._notice(text)
        return clock


def videos_in(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the video files that lie in some folders; one that cannot be listed has none."""
    found: dict[Path, None] = {}
    for folder in folders:
        try:
            found |= {p: None for p in sorted(folder.iterdir()) if is_video_file(p) and p.is_file()}
        except OSError:
            continue
    return tuple(found)
