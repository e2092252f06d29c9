"""``gluon.contrib.redis_cache``: the cache in a Redis server (CACHE-15)."""

from runtime.cache.redis_cache import RedisCache

__all__ = ["RedisCache"]
