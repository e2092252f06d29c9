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
    begun = cache.ram('begun', lambda: [], None)
    begun.append(start)
    while len(begun) < %s and time.monotonic() < start + 60:
        time.sleep(0.01)
    time.sleep(%s)
    return '%%s %%s' %% (start, time.monotonic())
"""
VIEW = "{{for i in range(8):}}{{=LOAD('default', 'part', args=i, ajax=True, target='c%s' % i)}}{{pass}}"


def times(parts, controller):
    """Open the page; return when the parts started and when they ended, both in order."""
    parts.open(controller, VIEW)
    texts = [f"#c{i}" for i in range(8)]
    parts.wait(lambda: all("loading" not in parts.text(name) for name in texts))
    both = [map(float, parts.text(name).split()) for name in texts]
    starts, ends = zip(*both, strict=True)
    return sorted(starts), sorted(ends)


def test_lock_03_forget_lets_six_start_together_and_two_later(parts):
    """LOCK-03, SESS-06: the browser's six connections are the only limit left."""
    starts, ends = times(parts, CONTROLLER % ("session.forget(response)", 6, SLEEP))
    assert sum(start < ends[0] for start in starts) == 6, (starts, ends)


def test_lock_02_parts_that_write_the_session_follow_each_other(parts):
    """LOCK-01, LOCK-02: without `forget` a request that writes waits for the one before."""
    change = "session['part' + request.args(0)] = 1"
    starts, _ends = times(parts, CONTROLLER % (change, 0, SLEEP / 4))
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert min(gaps) >= SLEEP / 4 * 0.9, starts
