"""Eight parts of one page and one session: what starts together, what waits (LOCK-02, LOCK-03)."""

from __future__ import annotations

import itertools

import pytest

pytestmark = pytest.mark.browser

SLEEP = 1.0

CONTROLLER = """
import time
def index():
    session.visits = 1
    return dict()
def part():
    %s
    start = time.monotonic()
    time.sleep(%s)
    return str(start)
"""
VIEW = "{{for i in range(8):}}{{=LOAD('default', 'part', args=i, ajax=True, target='c%s' % i)}}{{pass}}"


def starts(parts, controller):
    """Open the page; return when the parts started, in order, in seconds after the first."""
    parts.open(controller, VIEW)
    texts = [f"#c{i}" for i in range(8)]
    parts.wait(lambda: all("loading" not in parts.text(name) for name in texts))
    times = sorted(float(parts.text(name)) for name in texts)
    return [time - times[0] for time in times]


def test_lock_03_forget_lets_six_start_together_and_two_later(parts):
    """LOCK-03, SESS-06: the browser's six connections are the only limit left."""
    offsets = starts(parts, CONTROLLER % ("session.forget(response)", SLEEP))
    assert sum(offset < SLEEP * 0.9 for offset in offsets) == 6, offsets
    assert all(SLEEP * 0.9 <= offset < SLEEP * 1.9 for offset in offsets[6:]), offsets


def test_lock_02_parts_that_write_the_session_follow_each_other(parts):
    """LOCK-01, LOCK-02: without `forget` a request that writes waits for the one before."""
    change = "session['part' + request.args(0)] = 1"
    offsets = starts(parts, CONTROLLER % (change, SLEEP / 4))
    gaps = [later - earlier for earlier, later in itertools.pairwise(offsets)]
    assert min(gaps) >= SLEEP / 4 * 0.9, offsets
