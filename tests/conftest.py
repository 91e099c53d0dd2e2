"""What every test shares: nothing is written into the user's own cache."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.fixtures.display", "tests.fixtures.program"]

# A busy machine is slow, not wrong. Where a run decides, the same examples are tried each time.
settings.register_profile(
    "mespot",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mespot")


def pytest_configure() -> None:
    """Hear Ctrl-C, also where the tests were started in the background of a shell.

    A shell starts such programs with Ctrl-C ignored, and so would be every program that a test
    starts, those too that a test ends in this way.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _no_test_touches_the_users_cache(tmp_path_factory):
    before = os.environ.get("MESPOT_CACHE_DIR")
    os.environ["MESPOT_CACHE_DIR"] = str(tmp_path_factory.mktemp("mespot-cache"))
    yield
    if before is None:
        del os.environ["MESPOT_CACHE_DIR"]
    else:
        os.environ["MESPOT_CACHE_DIR"] = before
