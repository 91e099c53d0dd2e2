"""The first frames of a video, read as a video of their own."""

import numpy as np
import pytest

from napari_mespot.frames import FrameSource, open_frames
from napari_mespot.frames.excerpt import Excerpt
from napari_mespot.frames.synthetic import sample_path


def test_the_first_frames_are_those_of_the_video():
    with open_frames(sample_path()) as whole, Excerpt(open_frames(sample_path()), 5) as part:
        assert isinstance(part, FrameSource)
        assert part.n_frames == 5
        assert part.clock == whole.clock
        assert part.fingerprint != whole.fingerprint
        pictures = list(part.iter_luma())
        assert len(pictures) == 5
        for frame, picture in enumerate(pictures):
            assert np.array_equal(picture, whole.read_luma(frame))
        assert np.array_equal(part.read_many([3, 0])[0], whole.read(3))
        with pytest.raises(IndexError):
            part.read(5)
        assert Excerpt(whole, 10**9).n_frames == whole.n_frames
