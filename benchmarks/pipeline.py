"""The whole program, file to CSV, against decoding alone; and its memory against length.

``python -m benchmarks.pipeline`` prints speed ratios; ``--memory`` adds peak memory at 1,000
and 100,000 frames (several minutes). The video is the drawn 200 fps sample, its packets
repeated, so it has the noise and the compression of a camera file.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import av

from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic import sample_path

N_FRAMES = 4000
REPEATS = 3

SPOT = """
import resource, sys
from pathlib import Path
from napari_mespot.batch import SpottingJob, spot_videos
out = Path(sys.argv[2])
spot_videos([SpottingJob(Path(sys.argv[1]), out, "long", plot=False, cache=False)])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def repeated(source: Path, target: Path, n_frames: int) -> Path:
    """Write a video of `n_frames` frames by repeating the packets of `source`."""
    with av.open(str(source)) as given, av.open(str(target), "w") as made:
        stream = given.streams.video[0]
        copy = made.add_stream_from_template(stream)
        packets = [p for p in given.demux(stream) if p.size]
        step = round(1 / (stream.average_rate * stream.time_base))
        length = len(packets) * step
        for i in range(n_frames):
            packet, lap = packets[i % len(packets)], i // len(packets)
            again = av.Packet(bytes(packet))
            again.pts, again.dts = packet.pts + lap * length, packet.dts + lap * length
            again.time_base, again.is_keyframe = packet.time_base, packet.is_keyframe
            again.stream = copy
            made.mux(again)
    return target


def seconds(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def decode(path: Path) -> None:
    """Decode every frame's luma and drop it."""
    with open_frames(path) as source:
        for _ in source.iter_luma():
            pass


def spot(path: Path, out: Path) -> float:
    """Spot a video in a fresh process; return its peak memory in MiB."""
    command = [sys.executable, "-c", SPOT, str(path), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def speed(folder: Path) -> None:
    """Print frames per second of decoding and of the whole program, and their ratio."""
    from napari_mespot.batch import SpottingJob, spot_videos

    path = repeated(sample_path(200), folder / "long.mp4", N_FRAMES)
    jobs = [SpottingJob(path, folder / "out", "long", plot=False, cache=False)]
    spot_videos(jobs)  # warm up: index, imports, checkpoint
    pairs = [
        (seconds(lambda: decode(path)), seconds(lambda: spot_videos(jobs))) for _ in "x" * REPEATS
    ]
    decoding, whole = (median(column) for column in zip(*pairs, strict=True))
    ratio = median(d / w for d, w in pairs)
    print(f"640x480 H.264, {N_FRAMES} frames at 200 fps, median of {REPEATS}")
    print(f"decoding alone (luma)   {N_FRAMES / decoding:8.0f} fps")
    print(f"whole, file to CSV      {N_FRAMES / whole:8.0f} fps")
    print(f"whole / decoding        {100 * ratio:8.1f} %")
    print(f"whole / real time       {N_FRAMES / whole / 200:8.2f} x")


def memory(folder: Path) -> None:
    """Print the peak memory of the whole program at two lengths, and their ratio."""
    peaks = {}
    for n_frames in (1_000, 100_000):
        path = repeated(sample_path(200), folder / f"{n_frames}.mp4", n_frames)
        peaks[n_frames] = spot(path, folder / "out")
        print(f"peak memory at {n_frames:7,} frames  {peaks[n_frames]:6.0f} MiB", flush=True)
    print(f"ratio                           {peaks[100_000] / peaks[1_000]:6.3f}")


def main() -> None:
    """Run the speed part, and the memory part when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", action="store_true", help="also measure peak memory")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed(Path(folder))
        if arguments.memory:
            memory(Path(folder))


if __name__ == "__main__":
    main()
