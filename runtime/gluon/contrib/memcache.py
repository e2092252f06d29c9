"""``gluon.contrib.memcache``: the cache in memcached servers (CACHE-15)."""

from runtime.cache.memcache import MemcacheClient

__all__ = ["MemcacheClient"]
