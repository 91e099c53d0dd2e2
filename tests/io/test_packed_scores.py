import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_mespot.io.packed_scores import pack_scores, unpack_scores
from napari_mespot.model import ScoreSignal


@given(st.integers(0, 70), st.integers(0, 50), st.integers(0, 9))
def test_scores_come_back_bit_for_bit(n, first, seed):
    rng = np.random.default_rng(seed)
    found = rng.random(n) < 0.8
    values = np.where(found[:, None], rng.random((n, 2)), np.nan).astype(np.float32)
    signal = ScoreSignal(values, found, Fraction(30000, 1001), "film", first_frame=first)
    document = json.loads(json.dumps(pack_scores(signal)))
    assert unpack_scores(document, "film") == signal


def test_a_cut_document_is_an_error():
    signal = ScoreSignal(np.zeros((4, 2), np.float32), np.ones(4, bool), Fraction(30), "film")
    with pytest.raises(ValueError, match="expected 40 bytes of packed scores"):
        unpack_scores({**pack_scores(signal), "frames": 5}, "film")
