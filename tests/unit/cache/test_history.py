"""CACHE-17: statistics of the caches over time."""

from __future__ import annotations

from runtime.admin.cache_history import SAMPLES, CacheHistory
from runtime.cache import CacheInRam
from runtime.cache import ram as ram_module
from runtime.foundation.storage import Storage


def test_cache_17_statistics_over_time(tmp_path, monkeypatch):
    """CACHE-17, CACHE-16: hits grow from sample to sample; only the last ones are kept."""
    monkeypatch.setattr(ram_module, "_STORES", {})
    (tmp_path / "applications" / "shop").mkdir(parents=True)
    ram = CacheInRam(Storage(application="shop"))
    history = CacheHistory(tmp_path, seconds=3600)
    try:
        for _ in range(3):
            ram("key", lambda: 1)
            history.take()
        found = history.samples()["samples"]
        assert [s["statistics"]["shop"]["ram"]["hits"] for s in found] == [0, 1, 2]
        assert found == sorted(found, key=lambda s: s["time"])
        for _ in range(SAMPLES + 5):
            history.take()
        assert len(history.samples()["samples"]) == SAMPLES
    finally:
        history.stop()


def test_cache_17_samples_come_by_themselves(tmp_path):
    """CACHE-17: without anybody asking."""
    (tmp_path / "applications").mkdir()
    history = CacheHistory(tmp_path, seconds=0.01)
    try:
        for _ in range(6000):
            if history.samples()["samples"]:
                break
            history._end.wait(0.01)
        assert history.samples()["samples"]
    finally:
        history.stop()
