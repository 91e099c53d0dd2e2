"""Frames that are missing, repeated or damaged: told, and all others keep their time."""

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.frames.avi import chunks_of, write_avi
from tests.reference.frames import X264_SHORT, Recipe, encode, number_of

from napari_mespot.errors import FrameReadError
from napari_mespot.face import AlignParams, stream_faces
from napari_mespot.frames import open_frames
from napari_mespot.frames.avi_slots import ChunkIndex, slots_of_chunks
from napari_mespot.frames.damage import frame_ranges
from napari_mespot.frames.layout import LOST, lay_out
from napari_mespot.frames.rate import steps_between

MPEG4 = Recipe("plain.avi", "mpeg4", n_frames=100, gop=12)
B_FRAMES = Recipe("b_frames.avi", "mpeg4", n_frames=100, gop=12, b_frames=2)
MJPEG = Recipe("mjpeg.avi", "mjpeg", pix_fmt="yuvj420p", n_frames=100)
MKV = Recipe("film.mkv", "libx264", {"x264-params": "keyint=10:bframes=2"}, n_frames=100)
TS = Recipe("film.ts", "libx264", X264_SHORT, n_frames=100)
MP4 = Recipe("film.mp4", "libx264", X264_SHORT, n_frames=100, mux={"movflags": "faststart"})


def numbers(source):
    return [None if image is None else number_of(image) for image in source.iter_luma()]


def in_any_order(source):
    """The numbers of all frames, read one by one, backwards."""
    found = {}
    for frame in range(source.n_frames)[::-1]:
        try:
            found[frame] = number_of(source.read(frame))
        except FrameReadError:
            found[frame] = None
    return [found[frame] for frame in range(source.n_frames)]


def from_to(film, first, last):
    """Where the content of a packet lies, and how far from there to that of a later one."""
    with av.open(str(film)) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size]
    return places[first], places[last] - places[first]


def late_frames_are_right(source, n_last=10):
    """Whether the last frames that came out are shown when their number says, at 30 fps."""
    came = [(frame, number) for frame, number in enumerate(numbers(source)) if number is not None]
    shown = [(round(source.clock.second_of(frame) * 30), number) for frame, number in came]
    return all(slot == number for slot, number in shown[-n_last:])


# Dropped while recording


@pytest.mark.parametrize("with_index", [True, False])
@pytest.mark.parametrize(("recipe", "codec"), [(MPEG4, b"FMP4"), (MJPEG, b"MJPG")])
def test_an_empty_chunk_shows_the_picture_before_again(films, tmp_path, recipe, codec, with_index):
    chunks, expected = [], []
    for number, chunk in enumerate(chunks_of(encode(films, recipe))):
        repeats = {5: 1, 30: 3, 60: 1}.get(number, 0)
        chunks += [chunk, *[b""] * repeats]
        expected += [number] * (1 + repeats)
    path = write_avi(tmp_path / "dropped.avi", chunks, codec, with_index=with_index)
    with open_frames(path) as source:
        assert source.n_frames == 105
        assert source.frame_rate == 30
        assert source.clock.is_plain
        assert numbers(source) == expected
        assert in_any_order(source) == expected
        assert [number_of(image) for image in source.iter_luma(31, 36)] == expected[31:36]
        assert any("5 of 105 frames were dropped" in text for text in source.warnings)


def test_empty_chunks_at_the_beginning_are_a_late_start(films, tmp_path):
    chunks = [b""] * 6 + chunks_of(encode(films, MPEG4))
    with open_frames(write_avi(tmp_path / "late.avi", chunks, b"FMP4")) as source:
        assert numbers(source) == list(range(100))
        assert source.clock.second_of(0) * 30 == 6


def test_where_most_chunks_are_empty_pictures_last_longer(films, tmp_path):
    pictures = chunks_of(encode(films, MPEG4))
    chunks = [piece for chunk in pictures for piece in (chunk, b"", b"", b"")]
    with open_frames(write_avi(tmp_path / "fast.avi", chunks, b"FMP4", rate=120)) as source:
        assert numbers(source) == list(range(100))
        assert [source.clock.second_of(frame) * 30 for frame in (0, 50, 99)] == [0, 50, 99]


def test_repeated_frames_are_arrays_of_their_own(films, tmp_path):
    first, *rest = chunks_of(encode(films, MJPEG))
    with open_frames(write_avi(tmp_path / "twice.avi", [first, b"", *rest], b"MJPG")) as source:
        one, two = source.iter_luma(0, 2)
    one[:] = 0
    assert two.max() > 0


# Lost by damage


def test_the_end_that_was_never_written_is_told(films, tmp_path):
    chunks = chunks_of(encode(films, MJPEG))
    path = write_avi(tmp_path / "crash.avi", chunks, b"MJPG")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + bytes(len(data) - len(data) // 2))
    with open_frames(path) as source:
        got = numbers(source)
        assert 40 < len(got) < 55
        assert got == list(range(len(got)))
        assert any("of about 100" in text for text in source.warnings)


@pytest.mark.parametrize("recipe", [MPEG4, B_FRAMES, MJPEG], ids=lambda recipe: recipe.file)
@pytest.mark.parametrize("harm", ["zeros", "bytes gone", "bytes added"])
def test_an_avi_with_a_hole_keeps_number_and_time(films, tmp_path, recipe, harm):
    film = encode(films, recipe)
    data = film.read_bytes()
    place, length = from_to(film, 40, 50)
    middle = {"zeros": bytes(length), "bytes gone": b"", "bytes added": b"\x55" * 3 * length}[harm]
    path = tmp_path / recipe.file
    path.write_bytes(data[:place] + middle + data[place + length :])
    with open_frames(path) as source:
        assert source.n_frames == 100
        assert late_frames_are_right(source, n_last=30)
        assert numbers(source)[90:] == in_any_order(source)[90:]
        assert source.warnings
        assert source.damage_texts()


def test_an_avi_that_lost_its_first_chunks_begins_later(films, tmp_path):
    film = encode(films, MPEG4)
    data = film.read_bytes()
    place, length = from_to(film, 0, 12)
    path = tmp_path / "first.avi"
    path.write_bytes(data[: place - 8] + bytes(length) + data[place + length - 8 :])
    with open_frames(path) as source:
        assert any("12 frames at its beginning are lost" in text for text in source.warnings)
        assert late_frames_are_right(source, n_last=80)


@pytest.mark.parametrize("recipe", [MKV, TS], ids=lambda recipe: recipe.file)
def test_a_hole_in_a_file_with_stamps_is_told_and_the_rest_keeps_its_time(films, tmp_path, recipe):
    data = encode(films, recipe).read_bytes()
    place, length = len(data) * 2 // 5, len(data) // 8 // 188 * 188
    path = tmp_path / recipe.file
    path.write_bytes(data[:place] + bytes(length) + data[place + length :])
    with open_frames(path) as source:
        assert source.n_frames < 100
        assert any("missing" in text or "damaged" in text for text in source.warnings)
        assert source.frame_rate == 30
        assert late_frames_are_right(source)


def test_a_matroska_whose_end_is_zeros_is_told(films, tmp_path):
    data = encode(films, MKV).read_bytes()
    place = len(data) * 3 // 5
    path = tmp_path / "zeros.mkv"
    path.write_bytes(data[:place] + bytes(len(data) - place))
    with open_frames(path) as source:
        assert source.n_frames < 100
        assert any("states 100 frames" in text for text in source.warnings)


def altered(film, target, table, at, value):
    """Copy an MP4 with four bytes of a table in its head changed."""
    data = bytearray(film.read_bytes())
    place = data.index(table) + 4 + at
    data[place : place + 4] = value.to_bytes(4, "big")
    target.write_bytes(data)
    return target


@pytest.mark.parametrize(
    ("table", "at", "value", "says"),
    [
        (b"stsz", 8, 1, "states 100 frames, and 1 "),
        (b"stts", 8, 3, "by one of its tables"),
        (b"stts", 12, 10_000_000, "unlikely"),
        (b"mdhd", 12, 3000, "of the 100 frames it holds"),
    ],
    ids=["sizes", "durations", "a duration", "time scale"],
)
def test_a_damaged_head_is_told_or_refused(films, tmp_path, table, at, value, says):
    path = altered(encode(films, MP4), tmp_path / "head.mp4", table, at, value)
    try:
        with open_frames(path) as source:
            assert any(says in text for text in source.warnings)
    except FrameReadError:
        pass


def test_sound_files_of_all_kinds_are_called_nothing(films):
    for recipe in (MPEG4, B_FRAMES, MJPEG, MKV, TS, MP4):
        with open_frames(encode(films, recipe)) as source:
            assert numbers(source) == list(range(100))
            assert source.warnings == ()
            assert source.damage_texts() == ()


def test_an_avi_whose_writer_never_came_back_to_its_head_is_whole(films, tmp_path):
    """Written into a pipe: the head states a length that no file could have."""
    data = bytearray(encode(films, B_FRAMES).read_bytes())
    for name, at in ((b"avih", 4 + 16), (b"strh", 4 + 32)):
        place = data.index(name) + 4 + at
        data[place : place + 4] = (1 << 30).to_bytes(4, "little")
    path = tmp_path / "piped.avi"
    path.write_bytes(data)
    with open_frames(path) as source:
        assert numbers(source) == list(range(100))
        assert source.warnings == ()


def test_stamps_with_a_little_jitter_have_no_holes(films, tmp_path):
    stamps = [3 * i + i % 2 for i in range(60)]  # hundredths of a second
    recipe = Recipe("jitter.mkv", "libx264", n_frames=60, rate=100, stamps=stamps)
    with open_frames(encode(tmp_path, recipe)) as source:
        assert not any("missing" in text for text in source.warnings)


# Damaged pictures are not "no face"


def blanked(film, target, wanted):
    data = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        for number, packet in enumerate(container.demux(video=0)):
            if number in wanted:
                data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    target.write_bytes(data)
    return target


def test_pictures_after_a_damaged_one_are_doubtful_up_to_the_next_key(films, tmp_path):
    path = blanked(encode(films, MP4), tmp_path / "hole.mp4", {30, 31, 32})
    with open_frames(path) as source:
        got = numbers(source)
        assert got[50:] == list(range(50, 100))  # a key picture every 25
        assert len(source.damage.lost) > 0
        assert source.damage.lost == {i for i, number in enumerate(got) if number is None}
        assert source.damage.doubtful | source.damage.lost <= set(range(25, 50))
        (text,) = source.damage_texts()
        assert "hole.mp4 is damaged" in text
        assert "may be smeared" in text


def test_faces_of_a_damaged_video_say_that_it_is_damaged(films, tmp_path):
    path = blanked(encode(films, MP4), tmp_path / "hole.mp4", {30, 31, 32})
    with open_frames(path) as source, stream_faces(source, AlignParams()) as stream:
        for _ in stream:
            pass
        assert any("cannot be decoded" in text for text in stream.warnings)


# The parts


@given(st.data())
def test_every_chunk_of_a_damaged_file_finds_its_slot(data):
    n = data.draw(st.integers(3, 60))
    slot = np.cumsum(data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))) - 1
    size = np.array(data.draw(st.permutations(range(100, 100 + n))))
    pos = np.cumsum(np.concatenate([[300], size[:-1] + 8]))
    index = ChunkIndex(pos, size, slot)
    gone = data.draw(st.sets(st.integers(1, n - 2), max_size=n - 3))
    kept = np.array([i for i in range(n) if i not in gone])
    # Those behind a place where bytes were lost have moved.
    moved_from, by = data.draw(st.integers(0, n)), data.draw(st.integers(-50, 5000))
    seen = pos[kept] + 8 + np.where(kept >= moved_from, by, 0)
    table = slots_of_chunks(seen, size[kept], np.arange(len(kept)), index, 0)
    right = table.slot == slot[kept]
    if by == 0 or len(gone) == 0:
        assert right.all()
    assert (np.diff(table.slot[table.slot >= 0]) > 0).all()
    assert right[kept < moved_from].all()


@given(st.data())
def test_pictures_keep_their_slots(data):
    n = data.draw(st.integers(1, 40))
    fates = st.sampled_from(["picture", "repeat", "lost"])
    fate = data.draw(st.lists(fates, min_size=n, max_size=n))
    fate[0] = "picture"
    packets = [slot for slot in range(n) if fate[slot] == "picture"]
    lost = np.array([slot for slot in range(n) if fate[slot] == "lost"], np.int64)
    layout = lay_out(np.arange(len(packets)), np.array(packets), lost)
    for frame, shown in enumerate(layout.shows):
        if fate[frame] == "picture":
            assert packets[shown] == frame
        elif fate[frame] == "lost":
            assert shown == LOST
        else:
            assert packets[shown] == max(slot for slot in packets if slot < frame)
    assert layout.first_slot == 0
    assert len(layout.shows) == packets[-1] + 1
    assert layout.n_repeats + len(packets) + len(layout.lost) == len(layout.shows)


@given(
    st.integers(30, 400).flatmap(
        lambda n: st.tuples(st.just(n), st.sets(st.integers(1, n - 2), max_size=3))
    ),
    st.sampled_from([1, 33, 512, 1001]),
)
def test_holes_are_counted(case, beat):
    n, gone = case
    kept = np.array([i for i in range(n) if i not in gone])
    steps = steps_between(kept * beat)
    assert steps is not None
    assert int((steps - 1).sum()) == len(gone)


def test_frames_are_listed_in_short():
    assert frame_ranges([7]) == "frame 7"
    assert frame_ranges([3, 1, 2, 9]) == "frames 1-3, 9"
    assert frame_ranges(range(0, 20, 2)) == "frames 0, 2, 4, 6, ..."
