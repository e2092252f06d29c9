"""Time of cache hits and of clearing, against a dictionary, `shelve` and Redis of the same run.

Prints microseconds (lowest of the rounds) and ratios. Run it as a script.
"""

from __future__ import annotations

import shelve
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runtime.cache import CacheInRam, CacheOnDisk
from runtime.foundation.storage import Storage

ROUNDS, CALLS, KEYS = 7, 1000, 100_000
VALUE = {"rows": [[number, f"name {number}", number * 1.5] for number in range(50)]}


def lowest(function: Callable[[], Any], calls: int = CALLS) -> float:
    """Microseconds of one call."""
    return min(timeit.repeat(function, number=calls, repeat=ROUNDS)) / calls * 1e6


def show(name: str, value: float, peer: float | None = None, peer_name: str = "") -> None:
    """Print one line."""
    ratio = f"  = {value / peer:6.2f} x {peer_name}" if peer else ""
    print(f"{name:40}{value:11.2f} us{ratio}")


def compute() -> Any:
    """What the caches keep."""
    return VALUE


def ram(request: Storage) -> None:
    """`cache.ram` against a dictionary."""
    model, plain = CacheInRam(request), {"k": VALUE}
    model("k", compute)
    look = lambda: plain.get("k") or compute()  # noqa: E731  # as small as the peer can be
    floor = lowest(look)
    show("dictionary", floor)
    hit = lowest(lambda: model("k", compute))
    show("cache.ram hit", hit, floor, "dictionary")
    print(f"{'  over the dictionary':40}{hit - floor:11.2f} us")
    show(
        "cache.ram hit, model made anew",
        lowest(lambda: CacheInRam(request)("k", compute)),
        floor,
        "dictionary",
    )
    show("cache.ram store", lowest(lambda: model("k", compute, 0)), floor, "dictionary")
    for number in range(KEYS):
        model(f"user_{number}" if number % 2 else f"page_{number}", int)
    before = time.perf_counter()
    model.clear(regex="^user_")
    taken = (time.perf_counter() - before) * 1e6
    plain_keys = {f"user_{number}": 0 for number in range(KEYS)}
    before = time.perf_counter()
    for key in [key for key in plain_keys if key.startswith("user_")]:
        del plain_keys[key]
    show(
        f"cache.ram clear by regex, {KEYS} keys",
        taken,
        (time.perf_counter() - before) * 1e6,
        "dictionary loop",
    )


def disk(request: Storage, folder: str) -> None:
    """`cache.disk` against shelve, opened once and opened per use, as processes have to that share it."""
    model = CacheOnDisk(request)
    model("k", compute)
    path = f"{folder}/shelf"

    def per_use() -> None:
        with shelve.open(path) as shelf:  # written by this script
            assert shelf["k"]

    with shelve.open(path) as shelf:  # written by this script
        shelf["k"] = VALUE
        once = lowest(lambda: shelf["k"], 300)
    opened = lowest(per_use, 100)
    show("shelve, kept open (one process only)", once)
    show("shelve, opened per use", opened)
    hit = lowest(lambda: model("k", compute))
    show("cache.disk hit", hit, opened, "shelve opened per use")
    show("", hit, once, "shelve kept open")
    show("cache.disk store", lowest(lambda: model("k", compute, 0), 300))


def redis(request: Storage) -> None:
    """`RedisCache` against a bare GET."""
    try:
        from runtime.cache.redis_cache import RConn, RedisCache

        model = RedisCache(RConn(), application=request.application)
        model.redis_conn.ping()
    except Exception as error:
        print(f"no Redis: {error}")
        return
    model("k", compute)
    floor = lowest(lambda: model.redis_conn.get("w2p:cache:bench:k"), 300)
    show("Redis GET", floor)
    show("RedisCache hit", lowest(lambda: model("k", compute), 300), floor, "GET")
    model.clear()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        who = Storage(application="bench", folder=folder)
        ram(who)
        disk(who, folder)
        redis(who)
