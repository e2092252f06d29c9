"""``gluon.cache``: caches of values and pages."""

from runtime.cache import Cache, CacheInRam, CacheOnDisk, lazy_cache

__all__ = ["Cache", "CacheInRam", "CacheOnDisk", "lazy_cache"]
