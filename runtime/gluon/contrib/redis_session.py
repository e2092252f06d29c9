"""``gluon.contrib.redis_session``: sessions in a Redis server."""

from runtime.sessions import RedisSession

__all__ = ["RedisSession"]
