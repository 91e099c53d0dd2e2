"""What the tables in the head of an MP4 or QuickTime file say of its video, each by itself.

FFmpeg takes the tables as they are, so a few flipped bits in one of them can turn fifty frames
into one, or seconds into hours. Where two tables contradict each other the head is damaged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SampleTables", "video_tables"]

_FOLDERS = {b"trak", b"edts", b"mdia", b"minf", b"stbl"}
#: A head larger than this is not looked through; that of ten hours at 200 fps is smaller.
_MOST_BYTES = 1 << 28
#: Times that differ less than this are rounded differently, or count the last frame differently.
_SAME_TIME = 1.5

_Box = tuple[bytes, bytes]


@dataclass(frozen=True)
class SampleTables:
    """Statements about one video track; 0 or None where there is none.

    Parameters
    ----------
    counts
        Frames by the tables of sizes, of durations and of composition offsets, and the highest
        number in the table of key frames.
    media_s, track_s
        Duration in seconds by the table of durations, and by the header of the track less what
        passes before its first picture.
    is_edited
        Whether an edit list chooses parts of the track.
    """

    counts: tuple[int, ...]
    media_s: float | None
    track_s: float | None
    is_edited: bool

    @property
    def leaves_frames_out(self) -> bool:
        """Whether frames may be missing because an edit list passes over them."""
        return self.is_edited and self.counts[0] == self.counts[1]

    @property
    def times_agree(self) -> bool:
        """Whether the durations of track and frames fit each other."""
        if not self.media_s or not self.track_s:
            return True
        longer = self.track_s > _SAME_TIME * self.media_s
        return not (longer or (not self.is_edited and self.media_s > _SAME_TIME * self.track_s))


def video_tables(path: Path, n_frames: int) -> SampleTables | None:
    """Read the tables of the video track of a file.

    Parameters
    ----------
    path
        Any file.
    n_frames
        Frames that were found; of several video tracks the one nearest to it is taken.

    Returns
    -------
    SampleTables or None
        None if the file is no MP4, its head cannot be read, or its frames come in fragments.

    Raises
    ------
    OSError
        The disk failed.
    """
    with path.open("rb") as file:
        if file.read(8)[4:] not in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
            return None
        size = file.seek(0, 2)
        position = 0
        while position + 8 <= size:
            file.seek(position)
            header = file.read(16)
            length, kind = int.from_bytes(header[:4], "big"), header[4:8]
            if length == 1:
                length = int.from_bytes(header[8:], "big")
            if length < 8:
                return None
            if kind == b"moov" and length <= _MOST_BYTES:
                file.seek(position + 8)
                return _nearest(file.read(length - 8), n_frames)
            position += length
    return None


def _nearest(moov: bytes, n_frames: int) -> SampleTables | None:
    boxes = list(_boxes(moov))
    scale = next((_times(body)[0] for kind, body in boxes if kind == b"mvhd"), 0)
    tracks = [dict(_flat(body)) for kind, body in boxes if kind == b"trak"]
    found = [_tables(track, scale) for track in tracks if track.get(b"hdlr", b"")[8:12] == b"vide"]
    found = [tables for tables in found if max(tables.counts) > 0]
    return min(found, key=lambda tables: abs(tables.counts[0] - n_frames), default=None)


def _tables(track: dict[bytes, bytes], movie_scale: int) -> SampleTables:
    durations = _pairs(track.get(b"stts", b""))
    sizes = track.get(b"stsz", b"")
    scale = _times(track.get(b"mdhd", b""))[0]
    track_units = _times(track.get(b"tkhd", b""), is_track=True)[1]
    track_units -= min(track_units, _empty_units(track.get(b"elst", b"")))
    in_frames = sum(count * delta for count, delta in durations)
    return SampleTables(
        counts=(
            int.from_bytes(sizes[8:12], "big"),
            sum(count for count, _ in durations),
            sum(count for count, _ in _pairs(track.get(b"ctts", b""))),
            int.from_bytes(track.get(b"stss", b"")[8:][-4:], "big"),
        ),
        media_s=in_frames / scale if scale else None,
        track_s=track_units / movie_scale if movie_scale else None,
        is_edited=b"elst" in track,
    )


def _flat(body: bytes) -> Iterator[_Box]:
    for kind, content in _boxes(body):
        if kind in _FOLDERS:
            yield from _flat(content)
        else:
            yield kind, content


def _boxes(body: bytes) -> Iterator[_Box]:
    position = 0
    while position + 8 <= len(body):
        length = int.from_bytes(body[position : position + 4], "big")
        if length < 8:
            return
        yield body[position + 4 : position + 8], body[position + 8 : position + length]
        position += length


def _pairs(table: bytes) -> list[tuple[int, int]]:
    """Rows of a table of two numbers."""
    rows = table[8:]
    count = min(int.from_bytes(table[4:8], "big"), len(rows) // 8)
    numbers = [int.from_bytes(rows[4 * i : 4 * i + 4], "big") for i in range(2 * count)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _empty_units(edits: bytes) -> int:
    """How long an edit list waits, in the movie's units, before it shows anything."""
    wide = edits[:1] == b"\1"
    number, row = (8, 20) if wide else (4, 12)
    waiting = b"\xff" * number
    rows = [edits[at : at + row] for at in range(8, len(edits) - row + 1, row)]
    return sum(
        int.from_bytes(edit[:number], "big")
        for edit in rows
        if edit[number : 2 * number] == waiting
    )


def _times(header: bytes, *, is_track: bool = False) -> tuple[int, int]:
    """Time scale and duration of a movie's, medium's or track's header; a track has no scale."""
    if not header:
        return 0, 0
    wide = header[0] == 1
    date_bytes, time_bytes = (8, 8) if wide else (4, 4)
    at = 4 + 2 * date_bytes
    scale = int.from_bytes(header[at : at + 4], "big")
    at += 8 if is_track else 4
    duration = int.from_bytes(header[at : at + time_bytes], "big")
    unknown = duration == (1 << 8 * time_bytes) - 1
    return (0 if is_track else scale), (0 if unknown else duration)
