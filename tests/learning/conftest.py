import numpy as np
import pytest

from napari_mespot.learning import Repertoire, SyntheticParams


@pytest.fixture(scope="session")
def small_params() -> SyntheticParams:
    return SyntheticParams(faces=4, fields=12, texture_share=0.25)


@pytest.fixture(scope="session")
def repertoire(small_params: SyntheticParams) -> Repertoire:
    return Repertoire.drawn(small_params, seed=3)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
