"""Viewers need to know how a test went."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the report of each phase where napari's fixture looks for it."""
    report = yield
    setattr(item, f"rep_{report.when}", report)
    return report
