from fractions import Fraction

import numpy as np
import pytest

from napari_mespot.frames import open_frames
from napari_mespot.frames.synthetic.video_file import write_video


def frames(n):
    row, column = np.mgrid[:64, :96]
    for index in range(n):
        grey = (128 + 60 * np.sin(row / 9 + index / 5) * np.cos(column / 11)).astype(np.uint8)
        yield np.dstack([grey, grey, grey])


def test_written_video_holds_the_frames(tmp_path):
    path = tmp_path / "drawn.mp4"
    write_video(path, frames(25), Fraction(30000, 1001), crf=12)
    with open_frames(path) as source:
        assert source.n_frames == 25
        assert source.frame_rate == Fraction(30000, 1001)
        for index, frame in enumerate(frames(25)):
            assert np.abs(source.read(index).astype(int) - frame).mean() < 3


def test_same_frames_same_file(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, frames(5), Fraction(25))
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_no_frames_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one frame"):
        write_video(tmp_path / "empty.mp4", [], Fraction(25))
