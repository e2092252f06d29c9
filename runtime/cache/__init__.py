"""`cache`: values and pages kept between requests, in memory or on disk (CACHE-01..21)."""

from runtime.cache.action import action_cache
from runtime.cache.cache import Cache, lazy_cache
from runtime.cache.disk import CacheOnDisk
from runtime.cache.model import CacheError, CacheModel
from runtime.cache.ram import CacheInRam

__all__ = ["Cache", "CacheError", "CacheInRam", "CacheModel", "CacheOnDisk", "action_cache", "lazy_cache"]
