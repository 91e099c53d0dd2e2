"""The videos of a BORIS observation, and where in them a time lies.

The videos of the first player run one after the other, and times count through all of them.
BORIS adds the time offset of the observation to each event; where the creation dates of the
videos are used, each video begins at its own. Other players run beside the first one and have
no part in the times.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from napari_mespot.io.tiers import listed
from napari_mespot.model import same_video, video_name

__all__ = [
    "Medium",
    "Part",
    "TimeLine",
    "folder_of",
    "of_first_player",
    "other_players",
    "remarks_on_images",
    "remarks_on_media",
]

_PLAYER = re.compile(r"(?:^|[|\s])player #(\d+):\s*", re.IGNORECASE)
_UNKNOWN = frozenset({"", "na", "nan", "not found", "none"})


@dataclass(frozen=True, slots=True)
class Medium:
    """One video of an observation.

    Parameters
    ----------
    video_id
        Its name.
    rate
        Frames per second as BORIS states them; None if it does not.
    length_s
        Its length; None if unknown.
    start_s
        When it begins on the time line; None: as the one before ends, or at 0.
    """

    video_id: str
    rate: Fraction | None = None
    length_s: Fraction | None = None
    start_s: Fraction | None = None

    def n_frames(self, rate: Fraction) -> int | None:
        """Return the number of frames, where the length is a whole number of them.

        Lengths of files with longer sound are not.
        """
        if not self.length_s:
            return None
        exact = self.length_s * rate
        n_frames = round(exact)
        # Lengths are rounded to milliseconds.
        is_whole = abs(exact - n_frames) <= Fraction(1, 50) + min(rate / 2000, Fraction(1, 5))
        return n_frames if is_whole else None

    def most_frames(self, rate: Fraction) -> int | None:
        """Return the most frames that there may be in the stated length."""
        if not self.length_s:
            return None
        return self.n_frames(rate) or ceil(self.length_s * rate) + 1


@dataclass(frozen=True, slots=True)
class Part:
    """What lies in one of the videos, in seconds from the start of that video."""

    medium: int
    start_s: Fraction
    stop_s: Fraction


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The videos of the first player, in order.

    Parameters
    ----------
    media
        At least one.
    offset_s
        What BORIS has added to each time.
    """

    media: tuple[Medium, ...]
    offset_s: Fraction = Fraction(0)

    def starts(self) -> list[Fraction | None]:
        """Return when each video begins, without the offset; None from where that is unknown."""
        starts: list[Fraction | None] = []
        end: Fraction | None = Fraction(0)
        for medium in self.media:
            start = end if medium.start_s is None else medium.start_s
            starts.append(start)
            # BORIS goes by whole milliseconds.
            length = None if not medium.length_s else Fraction(floor(medium.length_s * 1000), 1000)
            end = None if start is None or length is None else start + length
        return starts

    def named(self, name: str) -> int | None:
        """Return the place of the video of that name; the only one, if there is but one."""
        if len(self.media) == 1:
            return 0
        places = [i for i, m in enumerate(self.media) if same_video(m.video_id, video_name(name))]
        return places[0] if places and name.casefold() not in _UNKNOWN else None

    def find(self, time_s: Fraction, name: str = "") -> tuple[int, Fraction] | None:
        """Return the video that a time lies in, and the time in it.

        Times before the first video and after the last are those of the first and the last.

        Parameters
        ----------
        time_s
            As BORIS has it, with the offset.
        name
            The video that the file itself names for it; needed only where lengths are unknown.

        Returns
        -------
        (int, Fraction) or None
            None if the lengths of the videos before are unknown.
        """
        time, starts = time_s - self.offset_s, self.starts()
        if len(starts) == 1:
            return 0, time - (starts[0] or 0)
        begun = [i for i, start in enumerate(starts) if start is not None and start <= time]
        place = begun[-1] if begun else 0
        start = starts[place]
        if start is None:
            return None
        is_last_known = place + 1 < len(starts) and starts[place + 1] is None
        if is_last_known and self.named(name) != place:
            return None
        return place, time - start

    def parts(
        self, start_s: Fraction, stop_s: Fraction, names: tuple[str, str] = ("", "")
    ) -> Iterator[Part]:
        """Return what lies in each video of a stretch of time; nothing if that is unknown.

        A stretch that runs over the end of a video goes on in the next. `names` are those of
        the videos that the file itself names for its ends.
        """
        first, last = self.find(start_s, names[0]), self.find(stop_s, names[1])
        if first is None or last is None:
            return
        if first[0] >= last[0]:
            yield Part(first[0], first[1], first[1] + stop_s - start_s)
            return
        starts = self.starts()
        for place in range(first[0], last[0] + 1):
            begin, end = starts[place], starts[place + 1] if place < last[0] else None
            if begin is None:
                return
            stop = last[1] if end is None else end - begin
            start = first[1] if place == first[0] else Fraction(0)
            if stop > start:
                yield Part(place, start, stop)


def of_first_player(text: str) -> list[str]:
    """Return what a cell of a table says of the videos of the first player, in order.

    ``player #1:a.mp4;b.mp4|player #2:c.mp4`` and ``25.000;25.000|30.000`` are such cells.
    """
    pieces = _PLAYER.split(text.strip())
    if len(pieces) > 2:
        text = dict(zip(pieces[1::2], pieces[2::2], strict=True)).get("1", pieces[2])
    items = [item.strip() for item in text.split("|")[0].split(";")]
    return [item for item in items if item.casefold() not in _UNKNOWN]


def other_players(text: str) -> Sequence[str]:
    """Return the media of the other players that a cell names."""
    pieces = _PLAYER.split(text.strip())
    named = zip(pieces[1::2], pieces[2::2], strict=False)
    return [part.strip(" |") for player, part in named if player != "1" and part.strip(" |")]


def folder_of(image: str) -> str:
    """Return the folder of an image, from its path on any system."""
    return image.replace("\\", "/").rpartition("/")[0]


def remarks_on_images(folders: Sequence[str]) -> list[str]:
    """Return what a person should know of an observation of image folders."""
    remarks = ["its images are numbered from 1, so that image 1 is frame 0"]
    if len(folders) > 1:
        remarks.append(f"only the images of {folders[0]} were read; also: {listed(folders[1:])}")
    return remarks


def remarks_on_media(names: Sequence[str], offset_s: Fraction, others: Sequence[str]) -> list[str]:
    """Return what a person should know of an observation of videos.

    Parameters
    ----------
    names
        Videos of the first player.
    offset_s
        What BORIS has added to each time.
    others
        Files of other players.
    """
    remarks = []
    if offset_s:
        remarks.append(f"its time offset of {float(offset_s):g} s was taken off")
    if others:
        remarks.append(f"its frames are those of {listed(names)}; beside it: {listed(others)}")
    return remarks
