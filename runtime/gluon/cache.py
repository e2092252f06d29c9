"""``gluon.cache``: caches of values and pages."""

from runtime.cache import Cache, CacheInRam, CacheOnDisk, lazy_cache
from runtime.cache import CacheModel as CacheAbstract

__all__ = ["Cache", "CacheAbstract", "CacheInRam", "CacheOnDisk", "lazy_cache"]
