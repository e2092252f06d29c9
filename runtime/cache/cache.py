"""The `cache` object of a request, and `lazy_cache` for modules."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from runtime.cache.action import action_cache
from runtime.cache.disk import CacheOnDisk
from runtime.cache.ram import CacheInRam
from runtime.foundation.current import current


class Cache:
    """`cache`: `cache.ram`, `cache.disk`, and a decorator for actions (CACHE-01, CACHE-09).

    Both stores are made when they are first used. Further models may be set
    as attributes: ``cache.redis = ...`` (CACHE-15).
    """

    def __init__(self, request: Any) -> None:
        self._request = request

    @functools.cached_property
    def ram(self) -> CacheInRam:
        """The application's values in the memory of this process."""
        return CacheInRam(self._request)

    @functools.cached_property
    def disk(self) -> CacheOnDisk:
        """The application's values on disk, shared by all processes."""
        return CacheOnDisk(self._request)

    def __call__(
        self, key: str | None = None, time_expire: float | None = 300, cache_model: Any = None
    ) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        """Decorate an action or function: its result is kept, the view still runs (CACHE-09, CACHE-10).

        Args:
            key: name of the value; the function's name by default.
            time_expire: seconds that it may be old.
            cache_model: `cache.ram` by default.
        """

        def decorate(function: Callable[[], Any]) -> Callable[[], Any]:
            @functools.wraps(function)
            def run() -> Any:
                return (cache_model or self.ram)(key or function.__name__, function, time_expire)

            return run

        return decorate

    def action(
        self,
        time_expire: float = 300,
        cache_model: Any = None,
        prefix: str | None = None,
        session: bool = False,
        vars: bool = True,
        lang: bool = True,
        user_agent: Any = False,
        public: bool = True,
        valid_statuses: list[int] | None = None,
        quick: str | None = None,
    ) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
        """Decorate an action: the client keeps its page, with `cache_model` the server too (CACHE-ACT).

        Args:
            time_expire: seconds for both.
            cache_model: where the page is kept; None only sends headers.
            prefix: put before the key, so that a group can be cleared.
            session: one copy per session; makes the page private.
            vars: one copy per query.
            lang: one copy per language.
            user_agent: one copy per kind of device; a dictionary uses its items.
            public: False forbids shared caches to keep the page.
            valid_statuses: statuses that may be cached; 1xx, 2xx and 3xx by default.
            quick: initials of the features that are on (S, V, L, U, P), the others are off.
        """
        return action_cache(
            time_expire=time_expire,
            cache_model=cache_model,
            prefix=prefix,
            session=session,
            vars=vars,
            lang=lang,
            user_agent=user_agent,
            public=public,
            valid_statuses=valid_statuses,
            quick=quick,
        )

    client = action  # the name of an older release (AMB-16)

    @staticmethod
    def with_prefix(cache_model: Any, prefix: str) -> Callable[..., Any]:
        """Return `cache_model` with `prefix` put before every key (CACHE-17)."""

        def prefixed(key: str, f: Callable[[], Any] | None, time_expire: float | None = 300) -> Any:
            return cache_model(prefix + key, f, time_expire)

        return prefixed


def lazy_cache(
    key: str | None = None, time_expire: float | None = None, cache_model: str = "ram"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function of a module; the request's `cache` is looked up at each call (CACHE-21).

    Args:
        key: name of the value; made from the function and its arguments by default.
        time_expire: seconds that it may be old; None takes any age.
        cache_model: ``ram``, ``disk`` or the name of an attribute of `cache`.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        base = key or f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            model = getattr(current.cache, cache_model)
            full = base if not args and not kwargs else f"{base}:{args!r}:{sorted(kwargs.items())!r}"
            return model(full, lambda: function(*args, **kwargs), time_expire)

        return run

    return decorate
