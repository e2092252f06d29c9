"""Asks before requests that have been running for long are broken off by a stop."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from desktop.processes.machine import DRAIN_SECONDS
from desktop.processes.state import RunningRequest
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme

from .words import counted, duration

LONG = 5.0  # seconds after which a request is worth a question
NAMED = 3  # requests named one by one

_TITLES = {"stop": "Stop the server?", "restart": "Restart the server?"}
_VERBS = {"stop": "Stop server", "restart": "Restart server"}


def long_ones(requests: Sequence[RunningRequest]) -> list[RunningRequest]:
    """Those that have been running for longer than LONG seconds, the longest first."""
    return sorted(
        (request for request in requests if request.seconds > LONG), key=lambda request: -request.seconds
    )


def words_of(requests: Sequence[RunningRequest]) -> str:
    """The requests in a sentence part: how many, then the first ones by name."""
    named = [f"{each.method} {each.path} ({duration(each.seconds)})" for each in requests[:NAMED]]
    more = f" and {len(requests) - NAMED} more" if len(requests) > NAMED else ""
    return f"{counted(len(requests), 'request')} in flight for over {LONG:.0f} s: {', '.join(named)}{more}"


def question(theme: Theme, order: str, requests: Sequence[RunningRequest], parent: QWidget) -> Question:
    """The sheet that asks whether `order` is meant: ``"stop"`` or ``"restart"``; answered by it or "stay"."""
    text = f"{words_of(requests)}. They get up to {DRAIN_SECONDS:.0f} s more, then they are broken off."
    answers = [Answer(order, _VERBS[order]), Answer("stay", "Keep serving", "primary")]
    return Question(theme, _TITLES[order], text, answers, parent=parent)
