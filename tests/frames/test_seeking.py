"""What the decoder needs may come once, at the beginning of the file: a seek must not lose it."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.packet import PacketSideData
from tests.reference.avi import write_avi
from tests.reference.frames import Recipe, draw, encode, number_of

from napari_mespot.frames import VideoFrames, open_frames

N = 60
GREY = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
GREY[:, 0] = 255  # opaque; a palette is alpha, red, green, blue
#: Rows of the palette are not the brightness they stand for: dark is light and coloured.
COLOUR = GREY[::-1].copy()
COLOUR[:, 0], COLOUR[:, 3] = 255, np.arange(256) // 2


def write_palette(path, codec, palettes, gop=None):
    """A film of 8-bit pictures whose palette is the `i`-th from the `i`-th part on."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.height, stream.width, stream.pix_fmt = 64, 96, "pal8"
        if gop:
            stream.codec_context.gop_size = gop
        for number in range(N):
            palette = palettes[number * len(palettes) // N]
            picture = av.VideoFrame.from_ndarray((draw(number), palette), format="pal8")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def check(path, expected):
    """Reading in any order gives the pictures expected, `(N, H, W, 3)`, in luma and RGB alike."""
    weights = np.array([0.299, 0.587, 0.114])
    order = [N - 1, *np.random.default_rng(3).permutation(N)[:25], 0]
    for _ in ("made", "from the stored index"):
        with VideoFrames(path, cache_bytes=20_000) as source:
            assert source.n_frames == N
            for i in order:
                assert np.abs(source.read(i).astype(int) - expected[i]).max() <= 2, i
                assert np.abs(source.read_luma(i) - expected[i] @ weights).max() <= 2.5, i
            for i, image in enumerate(source.iter_luma(7), 7):
                assert np.abs(image - expected[i] @ weights).max() <= 2.5, i


PALETTE_FILMS = [
    ("camera.avi", "rawvideo", None),
    ("camera.mov", "rawvideo", None),
    ("camera.nut", "rawvideo", None),
    ("rle.avi", "msrle", 12),
    ("graphics.mov", "smc", 12),
    ("screen.avi", "zmbv", 12),
    ("stills.mov", "png", None),
]


@pytest.mark.parametrize(("name", "codec", "gop"), PALETTE_FILMS)
@pytest.mark.parametrize("palette", [GREY, COLOUR], ids=["grey", "colour"])
def test_pictures_keep_their_palette(tmp_path, name, codec, gop, palette):
    path = write_palette(tmp_path / name, codec, [palette], gop)
    check(path, np.stack([palette[draw(i), 1:] for i in range(N)]))


def test_a_palette_may_change_on_the_way(tmp_path):
    palettes = [GREY, COLOUR, GREY // 2 + 100, COLOUR]
    path = write_palette(tmp_path / "changing.avi", "rawvideo", palettes)
    assert path.read_bytes().count(b"00pc") >= 2
    check(path, np.stack([palettes[i * 4 // N][draw(i), 1:] for i in range(N)]))


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize("width", [96, 98])
def test_rows_of_a_palette_avi_may_be_stored_either_way(tmp_path, top_down, width):
    """As fast cameras and image programs write them, odd rows padded to four bytes."""
    images = [draw(i, 66, width) for i in range(N)]
    pad = ((0, 0), (0, -width % 4))
    chunks = [np.pad(im if top_down else im[::-1], pad).tobytes() for im in images]
    path = tmp_path / "camera.avi"
    palette = GREY[:, [3, 2, 1]].copy()
    write_avi(path, chunks, (66, width), palette=palette, top_down=top_down)
    check(path, np.stack([np.dstack([im] * 3) for im in images]))


def test_quicktime_grey_and_packed_colours(tmp_path):
    for name, codec, pix_fmt in [
        ("grey.mov", "qtrle", "gray"),
        ("plain.mov", "rawvideo", "gray"),
        ("packed.mov", "rawvideo", "rgb555be"),
        ("packed_rle.mov", "qtrle", "rgb555be"),
    ]:
        path = encode(tmp_path, Recipe(name, codec, {}, pix_fmt, N, gop=12))
        with VideoFrames(path, cache_bytes=20_000) as source:
            for i in (59, 3, 33, 12, 0):
                assert number_of(source.read(i)) == i, name
                assert np.abs(source.read_luma(i).astype(int) - draw(i)).max() <= 9, name


def test_keys_that_are_none_are_not_believed(tmp_path):
    """A program that marks every chunk as a key, though only the first one is."""
    path = write_palette(tmp_path / "rle.avi", "msrle", [GREY], gop=1000)
    data = bytearray(path.read_bytes())
    index = data.rindex(b"idx1") + 8
    for entry in range(index, index + N * 16, 16):
        assert data[entry : entry + 4] == b"00dc"
        data[entry + 4] |= 0x10
    path.write_bytes(data)
    check(path, np.stack([np.dstack([draw(i)] * 3) for i in range(N)]))


def segments(jpeg):
    """Split a JPEG into its marker segments and what follows the last of them."""
    place, found = 2, []
    while jpeg[place + 1] != 0xDA:
        end = place + 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
        found.append((jpeg[place + 1], jpeg[place:end]))
        place = end
    return found, jpeg[place:]


def test_tables_that_only_the_first_picture_has(tmp_path):
    """Motion JPEG of some cameras leaves the tables out of all later pictures."""
    recipe = Recipe("camera.mov", "mjpeg", {"q": "9", "huffman": "default"}, "yuvj420p", N)
    whole = encode(tmp_path, recipe)
    with av.open(str(whole)) as film:
        jpegs = [bytes(packet) for packet in film.demux(video=0) if packet.size]
    chunks = [jpegs[0]]
    for jpeg in jpegs[1:]:
        found, rest = segments(jpeg)
        kept = b"".join(data for marker, data in found if marker != 0xDB)
        chunks.append(b"\xff\xd8" + kept + rest)
    path = tmp_path / "tables.avi"
    write_avi(path, chunks, (64, 96), fourcc=b"MJPG")
    with open_frames(path) as source:
        forth = list(source.iter_luma())
        assert [number_of(image) for image in forth] == list(range(N))
        for i in (59, 7, 0, 30):
            assert np.array_equal(source.read_luma(i), forth[i])


def join(parts, path):
    """Join films in one track, each with the codec data of its own."""
    with av.open(str(path), "w") as container:
        stream, offset = None, 0
        for part in parts:
            with av.open(str(part)) as film:
                source = film.streams.video[0]
                stream = stream or container.add_stream_from_template(source)
                extradata = source.codec_context.extradata
                told = PacketSideData(1, len(extradata))
                told.update(extradata)
                packets = [packet for packet in film.demux(source) if packet.size]
                packets[0].set_sidedata(told)
                step = packets[1].dts - packets[0].dts
                for packet in packets:
                    packet.pts += offset
                    packet.dts += offset
                    packet.stream = stream
                    container.mux(packet)
                offset += step * len(packets)
    return path


@pytest.mark.parametrize("name", ["joined.flv", "joined.mp4"])
def test_new_codec_data_hold_from_where_they_stand(tmp_path, name):
    """Two recordings joined in one track, each with parameters of its own."""
    options = {"x264-params": "bframes=0:keyint=10"}
    parts = [
        encode(tmp_path, Recipe(f"{h}.mp4", "libx264", options, n_frames=30, height=h))
        for h in (64, 128)
    ]
    path = join(parts, tmp_path / name)
    with VideoFrames(path, cache_bytes=20_000) as source:
        assert source.n_frames == 60
        assert (source.height, source.width) == (128, 96)
        for i in (59, 3, 31, 29, 30, 0, 45, 15):
            shown = source.read(i)
            assert number_of(shown[32:96] if i < 30 else shown) == i % 30
