"""Which actions write the session: those lock it at their first touch and never have to run twice."""

from __future__ import annotations

from typing import Any

_LIMIT = 10_000
_WEIGHT = 0.2  # of the newest use
_FORGET_BELOW = 0.1
_shares: dict[tuple[str, str, str, str], float] = {}


def _action(request: Any) -> tuple[str, str, str, str]:
    return (request["application"], request["controller"], request["function"], request["method"])


def usually_writes(request: Any) -> bool:
    """Tell whether more than half of the latest requests to the action changed the session."""
    return bool(_shares) and _shares.get(_action(request), 0.0) > 0.5


def note_use(request: Any, wrote: bool) -> None:
    """Note that the action has used the session; a first write counts fully, older ones fade."""
    if not wrote and not _shares:
        return
    action = _action(request)
    share = _shares.get(action)
    if share is None:
        if wrote and len(_shares) < _LIMIT:
            _shares[action] = 1.0
        return
    share += ((1.0 if wrote else 0.0) - share) * _WEIGHT
    if share < _FORGET_BELOW:
        _shares.pop(action, None)
    else:
        _shares[action] = share
