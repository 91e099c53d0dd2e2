"""How fast and how lean are frames? Everything beside one bare PyAV decode loop, in one run.

A 640×480 H.264 film at 200 fps with B-frames and a key picture every 250 is drawn and encoded,
then its packets are repeated into a film of 100,000 frames without encoding again.

    python benchmarks/decode.py [--frames 1000] [--long 100000] [--repeats 3] [--json]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import av
import cv2
import numpy as np

from napari_mespot.frames import VideoFrames, open_frames

HEIGHT, WIDTH, RATE = 480, 640, 200
X264 = {"preset": "veryfast", "x264-params": "keyint=250:min-keyint=250:bframes=3:scenecut=0"}
PEAK = """
import sys
from pathlib import Path
from napari_mespot.frames import open_frames
count = 0
with open_frames(sys.argv[1]) as source:
    for image in source.iter_luma():
        count += image is not None
assert count == source.n_frames, (count, source.n_frames)
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's peak
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def draw_film(path: Path, n_frames: int) -> None:
    """Encode soft moving shapes with a little noise, about as hard to decode as a face."""
    rng = np.random.default_rng(1)
    shapes = cv2.GaussianBlur(rng.normal(128, 900, (HEIGHT + 64, WIDTH + 64)), (0, 0), 9)
    noise = rng.normal(0, 2, (16, HEIGHT, WIDTH))
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=RATE, options=X264)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(n_frames):
            x, y = (round(16 + 15 * f(number / 40)) for f in (np.sin, np.cos))
            image = shapes[y : y + HEIGHT, x : x + WIDTH] + noise[number % 16]
            grey = np.clip(image, 0, 255).astype(np.uint8)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "gray")))
        film.mux(stream.encode())


def repeat_film(source: Path, target: Path, n_frames: int) -> None:
    """Write the packets of a film again and again, one copy behind the other."""
    with av.open(str(source)) as film, av.open(str(target), "w") as copy:
        stream = film.streams.video[0]
        out = copy.add_stream_from_template(stream)
        packets = [
            (bytes(p), p.pts, p.dts, p.duration, p.is_keyframe)
            for p in film.demux(stream)
            if p.size
        ]
        tick = packets[0][3]
        for round_ in range(n_frames // len(packets)):
            shift = round_ * len(packets) * tick
            for data, pts, dts, duration, is_key in packets:
                packet = av.Packet(data)
                packet.stream, packet.time_base = out, stream.time_base
                packet.pts, packet.dts, packet.duration = pts + shift, dts + shift, duration
                packet.is_keyframe = is_key
                copy.mux(packet)


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def exhaust(images: Iterable[object]) -> None:
    """Take everything and keep nothing."""
    deque(images, maxlen=0)


def bare_decode(path: Path) -> None:
    """Decode as the yardstick: PyAV and FFmpeg's threads, nothing done with the pictures."""
    with av.open(str(path)) as film:
        film.streams.video[0].thread_type = "AUTO"
        for _ in film.decode(video=0):
            pass


def time_reads(path: Path, n_frames: int) -> dict[str, float]:
    """Milliseconds a frame for each way of reading; medians where reads differ."""
    wanted = np.random.default_rng(3).integers(0, n_frames, 60)
    with VideoFrames(path, cache_bytes=1) as source:
        random = [1e3 * seconds(lambda i=i: source.read(i)) for i in wanted]
    with open_frames(path) as source:
        source.read(min(400, n_frames - 1))
        back = [
            1e3 * seconds(lambda i=i: source.read(i))
            for i in range(min(399, n_frames - 2), 300, -1)
        ]
    with open_frames(path) as source:
        forth = seconds(lambda: exhaust(map(source.read, range(n_frames))))
        luma = seconds(lambda: exhaust(source.iter_luma()))
    bare = seconds(lambda: bare_decode(path))
    return {
        "bare decode loop": 1e3 * bare / n_frames,
        "iter_luma": 1e3 * luma / n_frames,
        "sequential read (RGB)": 1e3 * forth / n_frames,
        "one step back (RGB)": float(np.median(back)),
        "random read (RGB), median": float(np.median(random)),
        "random read (RGB), p95": float(np.percentile(random, 95)),
    }


def peak_memory(path: Path) -> float:
    """Peak resident memory of a process that iterates over a whole film, in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path)], check=True, capture_output=True, text=True
    )
    return int(done.stdout) / 1024


def measure(folder: Path, n_frames: int, n_long: int, repeats: int) -> dict[str, float]:
    """Draw the films, measure everything, keep the best of `repeats` for each figure."""
    film, long_film = folder / "film.mp4", folder / "long.mp4"
    draw_film(film, n_frames)
    repeat_film(film, long_film, n_long)
    open_frames(film).close()
    runs = [time_reads(film, n_frames) for _ in range(repeats)]
    figures = {name: min(run[name] for run in runs) for name in runs[0]}
    figures["open cold, s"] = seconds(lambda: open_frames(long_film).close())
    figures["open warm, s"] = min(
        seconds(lambda: open_frames(long_film).close()) for _ in range(repeats)
    )
    with open_frames(long_film) as source:
        figures["frames in the long film"] = source.n_frames
        figures["open warm and read the last frame, s"] = seconds(
            lambda: source.read(source.n_frames - 1)
        )
    figures["peak, short film, MiB"] = peak_memory(film)
    figures["peak, long film, MiB"] = peak_memory(long_film)
    return figures


def main() -> None:
    """Print the figures, as a table or as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1000)
    parser.add_argument("--long", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MESPOT_CACHE_DIR"] = str(Path(folder) / "cache")
        figures = measure(Path(folder), options.frames, options.long, options.repeats)
    if options.json:
        print(json.dumps(figures, indent=1))
        return
    yardstick = figures["bare decode loop"]
    for name, value in figures.items():
        if ", s" in name or "MiB" in name or "frames in" in name:
            print(f"{name:40} {value:10.5g}")
        else:
            print(f"{name:40} {value:10.3f} ms   {value / yardstick:7.2f} × bare decode")
    growth = figures["peak, long film, MiB"] / figures["peak, short film, MiB"]
    print(f"{'peak memory, long beside short':40} {growth:10.3f}")


if __name__ == "__main__":
    main()
