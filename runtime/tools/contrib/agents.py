"""What a browser says of itself (LIB-24)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from runtime.foundation.current import current
from runtime.web.user_agent import parse_user_agent


def detect(agent: str) -> Any:
    """Return what a ``User-Agent`` header says: `os`, `browser`, `dist`, `is_mobile`, `is_tablet`."""
    return parse_user_agent(agent)


def simple_detect(agent: str) -> tuple[str, str]:
    """Return system and browser as two texts."""
    found = parse_user_agent(agent)

    def text(part: Any) -> str:
        return " ".join(str(part[key]) for key in ("name", "version") if part and part.get(key))

    return text(found.os), text(found.browser)


class mobilize:  # noqa: N801  # documented name
    """Decorate an action: a mobile browser gets the view ``NAME.mobile.EXTENSION``."""

    def __init__(self, function: Callable[..., Any]) -> None:
        wraps(function)(self)
        self.function = function

    def __call__(self, *args: Any, **named: Any) -> Any:
        found = current.request.user_agent()
        if found.is_mobile:
            stem, _, extension = current.response.view.rpartition(".")
            current.response.view = f"{stem}.mobile.{extension}"
        return self.function(*args, **named)
