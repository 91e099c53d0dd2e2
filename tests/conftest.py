"""What every test shares: nothing is written into the user's own cache."""

import os

import pytest

pytest_plugins = ["tests.fixtures.display", "tests.fixtures.program"]


@pytest.fixture(scope="session", autouse=True)
def _no_test_touches_the_users_cache(tmp_path_factory):
    before = os.environ.get("MESPOT_CACHE_DIR")
    os.environ["MESPOT_CACHE_DIR"] = str(tmp_path_factory.mktemp("mespot-cache"))
    yield
    if before is None:
        del os.environ["MESPOT_CACHE_DIR"]
    else:
        os.environ["MESPOT_CACHE_DIR"] = before
