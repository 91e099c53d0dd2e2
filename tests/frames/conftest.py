from pathlib import Path

import pytest
from tests.reference.frames import X264_LONG, X264_SHORT, Recipe, encode


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("MESPOT_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def films(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture(scope="session")
def long_gop(films) -> Path:
    """H.264 with B-frames, one key picture in 250."""
    recipe = Recipe("long_gop.mp4", "libx264", X264_LONG, mux={"movflags": "faststart"})
    return encode(films, recipe)


@pytest.fixture(scope="session")
def short_gop(films) -> Path:
    """H.264 with B-frames, one key picture in 25."""
    recipe = Recipe("short_gop.mp4", "libx264", X264_SHORT, mux={"movflags": "faststart"})
    return encode(films, recipe)
