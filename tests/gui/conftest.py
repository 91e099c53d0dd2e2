"""Viewers need to know how a test went."""

import pytest
from pytestqt.qtbot import QtBot

# A busy machine is slow, not wrong: what is waited for ends the wait as soon as it is there.
for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals):
    _wait.__kwdefaults__["timeout"] = 60_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Put the report of each phase where napari's fixture looks for it."""
    report = yield
    setattr(item, f"rep_{report.when}", report)
    return report
