"""The words of a filter over tasks and runs: ``state:failed app:shop fn:send_* before:2h text`` (UI-SC-04).

What is typed is read here once for everybody: the field explains wrong words, the database gets the
conditions.
"""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

TASK_STATES = (
    "queued", "assigned", "running", "completed", "failed", "timeout", "stopped", "expired", "disabled",
    "late",
)  # fmt: skip
"""States of a task as a person sees it; a late one is a queued one, too."""

RUN_STATES = ("running", "completed", "failed", "timeout", "stopped")

_WORDS = {
    "state": ("state:failed,late", "one of these states"),
    "app": ("app:shop", "tasks of an application"),
    "fn": ("fn:send_*", "the function; * stands for anything"),
    "name": ("name:news*", "the task's name"),
    "group": ("group:main", "the group"),
    "worker": ("worker:office*", "the worker that has or had it"),
    "id": ("id:812", "the task's number"),
    "uuid": ("uuid:4f2a*", "the task's uuid"),
    "before": ("before:2h", "ran last more than two hours ago, or before a day"),
    "after": ("after:2026-11-20", "ran last after this day, or within 2h"),
    "next": ("next:1h", "due within the next hour"),
    "longer": ("longer:30s", "runs that took longer"),
    "error": ("error:KeyError", "runs with this in their traceback"),
    "output": ("output:refused", "runs that printed this"),
}
ONLY_TASKS = frozenset({"next"})
ONLY_RUNS = frozenset({"longer", "error", "output"})
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|d|w)\Z")
_MOST_WORDS = 30


@dataclass(frozen=True)
class Condition:
    """One word.

    Attributes:
        key: what it looks at; "" for plain text.
        value: as typed, without quotes.
        negative: it was written with a minus: rows that do *not* match.
        seconds: of a span of time (``2h``).
        moment: of a day or time without zone (``2026-11-20``, ``2026-11-20T10:30``).
    """

    key: str
    value: str
    negative: bool = False
    seconds: float | None = None
    moment: datetime.datetime | None = None


@dataclass(frozen=True)
class Fault:
    """A word that can not be used, and why, in one sentence."""

    word: str
    sentence: str


@dataclass(frozen=True)
class Filter:
    """What was typed, read.

    Attributes:
        conditions: all have to hold.
        faults: words that have no effect.
    """

    conditions: tuple[Condition, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def states(self) -> tuple[str, ...]:
        """The states that ``state:`` names."""
        return tuple(
            state
            for one in self.conditions
            if one.key == "state" and not one.negative
            for state in one.value.split(",")
        )


def parse_filter(text: str, runs: bool = False) -> Filter:
    """Read a filter.

    Args:
        text: as typed; words in quotes stay together, a minus before a word turns it round.
        runs: it is for runs, not for tasks.
    """
    conditions: list[Condition] = []
    faults: list[Fault] = []
    for word in _split(text)[:_MOST_WORDS]:
        found = _read_word(word, runs)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            conditions.append(found)
    return Filter(tuple(conditions), tuple(faults))


def _split(text: str) -> list[str]:
    """Split at spaces outside of quotes; a quote that is still open counts as closed at the end."""
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    lexer.quotes = '"'
    try:
        return list(lexer)
    except ValueError:
        return _split(f'{text}"')


def _read_word(word: str, runs: bool) -> Condition | Fault:
    negative = len(word) > 1 and word.startswith("-")
    bare = word[1:] if negative else word
    key, colon, value = bare.partition(":")
    if not colon or not key.isidentifier():
        return Condition("", bare, negative)
    key = key.lower()
    if key not in _WORDS:
        known = ", ".join(f"{name}:" for name in words_for(runs))
        return Fault(word, f"There is no word {key}: here. Known are {known}.")
    if key in (ONLY_TASKS if runs else ONLY_RUNS):
        return Fault(word, f"{key}: works for {'tasks' if runs else 'runs'} only.")
    if not value:
        return Fault(word, f"{key}: needs a value, for example {_WORDS[key][0]}.")
    return _read_value(word, key, value, negative, runs)


def _read_value(word: str, key: str, value: str, negative: bool, runs: bool) -> Condition | Fault:
    if key == "state":
        wanted = [_state_of(state) for state in value.split(",") if state]
        known = RUN_STATES if runs else TASK_STATES
        wrong = [state for state in wanted if state not in known]
        if wrong or not wanted:
            name = wrong[0] if wrong else value
            return Fault(word, f"{name} is no state of a {'run' if runs else 'task'}: {', '.join(known)}.")
        return Condition(key, ",".join(wanted), negative)
    if key == "id":
        if not value.isdecimal() or len(value) > 18:
            return Fault(word, f"id: needs a number, not {value!r}.")
        return Condition(key, value, negative)
    if key in ("before", "after", "next", "longer"):
        seconds, moment = parse_span(value), None
        if seconds is None and key in ("before", "after"):
            moment = _parse_moment(value)
        if seconds is None and moment is None:
            return Fault(
                word, f"{key}: needs a time such as {_WORDS[key][0].partition(':')[2]}, not {value!r}."
            )
        return Condition(key, value, negative, seconds, moment)
    return Condition(key, value, negative)


def _state_of(text: str) -> str:
    lowered = text.strip().lower()
    return "timeout" if lowered == "time-out" else lowered


def parse_span(text: str) -> float | None:
    """Return the seconds of ``30s``, ``5min``, ``2h``, ``1d``, ``2w``; None when it is none of these."""
    found = _SPAN.match(text.strip().lower())
    return float(found[1]) * _UNITS[found[2]] if found and len(found[1]) < 10 else None


def _parse_moment(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def words_for(runs: bool) -> list[str]:
    """Return the keys that can be used for runs or for tasks."""
    left_out = ONLY_TASKS if runs else ONLY_RUNS
    return [key for key in _WORDS if key not in left_out]


def help_for(runs: bool) -> list[tuple[str, str]]:
    """Return an example and its meaning for each word."""
    return [_WORDS[key] for key in words_for(runs)]


def completions(
    text: str, cursor: int, choices: dict[str, Sequence[str]], runs: bool = False
) -> list[tuple[str, str]]:
    """Return what the word before the cursor could become: the word and its meaning.

    Args:
        text: all that was typed.
        cursor: a place in it.
        choices: known values by key, for example the applications.
        runs: for runs, not for tasks.
    """
    word = text[:cursor].rpartition(" ")[2]
    minus, bare = ("-", word[1:]) if word.startswith("-") else ("", word)
    key, colon, begun = bare.partition(":")
    if not colon:
        return [
            (f"{minus}{name}:", _WORDS[name][1]) for name in words_for(runs) if bare and name.startswith(bare)
        ]
    if key == "state":
        *before, last = begun.split(",")
        start = ",".join([*before, ""]) if before else ""
        values = [state for state in (RUN_STATES if runs else TASK_STATES) if state.startswith(last.lower())]
        return [(f"{minus}state:{start}{value}", "") for value in values if value != last]
    if key in ("before", "after", "next", "longer"):
        spans = ("10min", "1h", "2h", "1d", "1w")
        return [(f"{minus}{key}:{span}", "") for span in spans if span.startswith(begun) and span != begun]
    values = [value for value in choices.get(key, ()) if value.lower().startswith(begun.lower())]
    return [(f"{minus}{key}:{_quoted(value)}", "") for value in values[:12] if value != begun]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
