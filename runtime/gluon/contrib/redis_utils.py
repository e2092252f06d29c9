"""``gluon.contrib.redis_utils``: one client object per Redis server."""

from runtime.cache.redis_cache import RConn

__all__ = ["RConn"]
