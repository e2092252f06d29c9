"""What all tests share: what they show counts, not the clock of a busy machine."""

import logging
import os
import time

import pytest
from hypothesis import HealthCheck, settings

from runtime.errors import bounded

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# tickets show all values, also where their thread has to wait for the processor
bounded.ONE_SECONDS, bounded.ALL_SECONDS = 3.0, 20.0

# no hour comes twice: "two minutes ago" is one moment, also in the night in which summer ends
os.environ.setdefault("TZ", "UTC")
if hasattr(time, "tzset"):
    time.tzset()


@pytest.fixture(autouse=True)
def logging_as_before():
    """Give the process's logging back as it was: no handler of one test writes to what another one closed."""
    root = logging.getLogger()
    level, raising = root.level, logging.raiseExceptions
    before = {logger: (logger.level, list(logger.handlers), logger.propagate) for logger in _loggers()}
    yield
    root.setLevel(level)
    logging.raiseExceptions = raising
    logging.captureWarnings(False)
    for logger in _loggers():
        logger.level, handlers, logger.propagate = before.get(logger, (logging.NOTSET, [], True))
        logger.handlers[:] = [each for each in logger.handlers if each in handlers]
    root.manager._clear_cache()


def _loggers() -> list[logging.Logger]:
    root = logging.getLogger()
    named = list(root.manager.loggerDict.values())
    return [root, *(each for each in named if isinstance(each, logging.Logger))]


MOST_RERUNS = 3
"""Tests that may need a second run; more is no chance any more."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show why tests had to run again: these are faults to look into."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.write_sep("_", f"run again: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which many tests passed only when they were run again."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    again = {report.nodeid for report in reporter.stats.get("rerun", ())}
    if len(again) > MOST_RERUNS and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(again)} tests were run again, more than {MOST_RERUNS}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
