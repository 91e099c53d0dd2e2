"""Files cut short, cut out or damaged: all good frames, a word about the rest, no wrong frame."""

import av
import pytest
from tests.reference.frames import (
    OPEN_GOP,
    X264_SHORT,
    Recipe,
    copy_packets,
    encode,
    number_of,
    sequential_numbers,
)

from napari_mespot.errors import FrameReadError
from napari_mespot.frames import open_frames

CUTS = [
    Recipe("cut.mp4", "libx264", X264_SHORT, mux={"movflags": "faststart"}),
    Recipe("cut_fragments.mp4", "libx264", X264_SHORT, mux={"movflags": "frag_keyframe"}),
    Recipe("cut.mkv", "libx264", {"x264-params": OPEN_GOP}),
    Recipe("cut.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8", "g": "60"}),
    Recipe("cut.ts", "libx264", X264_SHORT),
    Recipe("cut.avi", "mjpeg", pix_fmt="yuvj420p"),
    Recipe("cut_b_frames.avi", "mpeg4", gop=24, b_frames=2),
]


@pytest.fixture(scope="module", params=CUTS, ids=lambda recipe: recipe.file)
def whole(request, films):
    return encode(films, request.param)


def numbers(source):
    return [None if image is None else number_of(image) for image in source.iter_luma()]


def _outside_moof(data: bytes, cut: int) -> int:
    """Move a cut behind the head of a fragment: FFmpeg opens no file that ends within one.

    What the encoder writes, and so where the heads lie, differs from run to run.
    """
    start = data.find(b"moof") - 4
    while 0 <= start < cut:
        end = start + int.from_bytes(data[start : start + 4], "big")
        if cut <= end + 16:
            return end + 16  # and into the samples
        start = data.find(b"moof", end) - 4
    return cut


@pytest.mark.parametrize("part", [0.37, 0.61, 0.9])
def test_a_file_cut_short_gives_all_its_good_frames(whole, tmp_path, part):
    data = whole.read_bytes()
    path = tmp_path / whole.name
    path.write_bytes(data[: _outside_moof(data, int(len(data) * part))])
    truth = sequential_numbers(path)
    with open_frames(path) as source:
        assert any("cut short" in text for text in source.warnings)
        assert all("\n" not in text for text in source.warnings)
        got = numbers(source)
        assert [number_of(source.read(i)) for i in range(source.n_frames)] == got
    # The plain decode may show one more picture, of which only a part is there.
    assert len(truth) - len(got) in {0, 1}
    assert got == [number for number in truth if number in set(got)]
    assert got[:-4] == list(range(len(got) - 4))


def test_whole_files_are_not_called_cut(whole):
    with open_frames(whole) as source:
        assert source.warnings == ()


def test_an_mp4_without_its_index_says_so(short_gop, films, tmp_path):
    whole = encode(films, Recipe("index_last.mp4", "libx264", X264_SHORT, n_frames=60))
    path = tmp_path / "lost.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with pytest.raises(FrameReadError, match="lost its index"):
        open_frames(path)


@pytest.mark.parametrize("shift", [7, 12])
def test_an_edit_list_hides_what_comes_before_the_cut(short_gop, tmp_path, shift):
    path = copy_packets(short_gop, tmp_path / "edited.mp4", first_key=2, shift=shift)
    first = 50 + shift
    with open_frames(path) as source:
        assert source.n_frames == 400 - first
        assert numbers(source) == list(range(first, 400))
        order = [*range(0, source.n_frames, 17), 3, 0]
        assert [number_of(image) for image in source.read_many(order)] == [first + i for i in order]


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("open.mkv", "libx264", {"x264-params": OPEN_GOP}),
        Recipe("open_hevc.mkv", "libx265", {"x265-params": f"{OPEN_GOP}:log-level=none"}),
    ],
    ids=lambda recipe: recipe.file,
)
def test_a_copy_that_starts_inside_an_open_group(films, tmp_path, recipe):
    whole = encode(films, recipe)
    path = copy_packets(whole, tmp_path / recipe.file, first_key=3)
    truth = sequential_numbers(path)
    with open_frames(path) as source:
        got = numbers(source)
        backwards = [number_of(source.read(i)) for i in range(source.n_frames)[::-1]]
    # Decoders differ in whether they show leading pictures that lack a reference.
    assert got == truth
    assert backwards == got[::-1]


def blank_packets(whole, target, numbers):
    """Copy a film with the content of some packets overwritten by zeros."""
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as film:
        for number, packet in enumerate(film.demux(video=0)):
            if number in numbers:
                data[packet.pos : packet.pos + packet.size] = bytes(packet.size)
    target.write_bytes(data)
    return target


def test_damage_in_the_middle_costs_only_the_frames_it_hits(films, tmp_path):
    whole = encode(films, Recipe("mjpeg.mov", "mjpeg", pix_fmt="yuvj420p", n_frames=200))
    path = blank_packets(whole, tmp_path / "hole.mov", {150, 151, 160})
    with open_frames(path) as source:
        got = numbers(source)
        assert got == [None if i in {150, 151, 160} else i for i in range(200)]
        assert [number_of(source.read(i)) for i in (149, 152, 161, 159)] == [149, 152, 161, 159]
        for i in (150, 160):
            with pytest.raises(FrameReadError, match=f"frame {i} "):
                source.read(i)


def test_a_recording_that_starts_between_key_pictures(films, tmp_path):
    whole = encode(films, Recipe("stream.ts", "libx264", X264_SHORT))
    data = whole.read_bytes()
    start = len(data) // 3 // 188 * 188
    path = tmp_path / "tail.ts"
    path.write_bytes(data[start:])
    truth = sequential_numbers(path)
    with open_frames(path) as source:
        assert numbers(source) == truth
        assert [number_of(source.read(i)) for i in range(source.n_frames)] == truth
        assert truth == list(range(truth[0], 400))
