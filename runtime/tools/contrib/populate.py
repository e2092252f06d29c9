"""`populate`: fills a table with made-up records (LIB-21)."""

from __future__ import annotations

import datetime
import itertools
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from runtime.foundation.problems import UserError
from runtime.tools.contrib import words

_TRIES = 50
"""Values tried for a field before its validator is believed to accept none."""


class PopulateError(UserError):
    """No value could be made up that a field accepts; the text says which field."""


class Learner:
    """Makes sentences that look like those it has read: each word follows one that it followed there."""

    def __init__(self) -> None:
        self.db: dict[str, list[str]] = {}

    def learn(self, text: str) -> None:
        """Read a text."""
        read = re.findall(r"[\w']+[.,;:!?]?", text)
        for word, following in itertools.pairwise(read):
            self.db.setdefault(word, []).append(following)

    def loadd(self, db: Mapping[str, Sequence[str]]) -> None:
        """Take over what another one has learned (its `db`)."""
        self.db = {word: list(following) for word, following in db.items()}

    def load(self, filename: str) -> None:
        """Read a file that `save` wrote."""
        with open(filename, encoding="utf-8") as stream:
            self.loadd(json.load(stream))

    def save(self, filename: str) -> None:
        """Write what was learned into a file."""
        with open(filename, "w", encoding="utf-8") as stream:
            json.dump(self.db, stream)

    def generate(self, length: int = 10_000, prefix: Any = False) -> str:
        """Return about `length` characters of text, ending with a sentence.

        Args:
            length: characters.
            prefix: word to begin with.
        """
        if not self.db:
            return ""
        starts = [word for word in self.db if word[:1].isupper()] or list(self.db)
        word = str(prefix) if prefix else random.choice(starts)
        out, size = [word], len(word)
        while size < length:
            word = random.choice(self.db.get(word) or starts)
            out.append(word)
            size += len(word) + 1
        text = " ".join(out)[:length]
        end = text.rfind(".")
        if end >= length // 2:
            return text[: end + 1]
        text = text.rstrip(",;: ")
        return text if length < 40 or text[-1:] in ".!?" else f"{text[: length - 1]}."


def _learned() -> dict[str, list[str]]:
    learner = Learner()
    learner.learn(words.TEXT)
    return learner.db


IUP: dict[str, list[str]] = _learned()
"""A small text as a `Learner` remembers it, for `Learner.loadd`."""


def populate(
    table: Any,
    n: int | None = None,
    default: bool = True,
    compute: bool = False,
    contents: Mapping[str, Any] | None = None,
) -> list[int]:
    """Insert made-up records.

    Values follow a field's name (names, addresses, mail ...), its type, and its
    validators; references point to records that are there.

    Args:
        table: table to fill.
        n: number of records, 10 by default.
        default: True uses a field's default where it has one.
        compute: True makes up values for computed fields too.
        contents: values given for fields by name; a function is called for each record.

    Returns:
        The ids of the records.

    Raises:
        PopulateError: a field accepts none of the values tried.
    """
    learner = Learner()
    learner.loadd(IUP)
    ids = []
    for _ in range(10 if n is None else n):
        record: dict[str, Any] = {}
        for field in table:
            if field.type == "id" or (field.compute and not compute):
                continue
            if contents and field.name in contents:
                value = contents[field.name]
                record[field.name] = value() if callable(value) else value
            elif default and field.default not in (None, ""):
                record[field.name] = field.default() if callable(field.default) else field.default
            else:
                record[field.name] = _accepted(table, field, record, learner)
        ids.append(int(table.insert(**record)))
    return ids


def _accepted(table: Any, field: Any, record: dict[str, Any], learner: Learner) -> Any:
    """Return a value that the field's validators accept, as it is stored."""
    choices = _choices(field)
    rules = field.requires if isinstance(field.requires, (list, tuple)) else [field.requires]
    error: Any = None
    for attempt in range(_TRIES):
        value = random.choice(choices) if choices else _in_range(rules)
        if value is None:
            value = _made_up(table, field, record, learner, attempt)
        if value is None:
            return None
        value, error = _validated(value, [rule for rule in rules if callable(rule)])
        if error is None:
            return value
    raise PopulateError(f"no made-up value is right for {table._tablename}.{field.name}: {error}")


def _validated(value: Any, rules: list[Any]) -> tuple[Any, Any]:
    plain = value
    for rule in rules:
        text = plain if isinstance(plain, (list, str)) else _as_text(plain)
        plain, error = rule(text)
        if error is not None:
            return value, error
    return plain, None


def _in_range(rules: Any) -> Any:
    """Return a number inside the bounds of a range validator, None when there is no such validator."""
    for rule in rules:
        inner: Any = getattr(rule, "other", rule)
        low, high = getattr(inner, "minimum", None), getattr(inner, "maximum", None)
        if isinstance(low, (int, float, Decimal)) or isinstance(high, (int, float, Decimal)):
            start: Any = low if low is not None else float(high or 0) - 1000
            end: Any = high if high is not None else start + 1000
            if isinstance(start, int) and isinstance(end, int):
                return random.randint(start, end)
            return round(random.uniform(float(start), float(end)), 2)
    return None


def _as_text(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _choices(field: Any) -> list[Any]:
    """Return what a set validator offers, empty items left out."""
    rules = field.requires if isinstance(field.requires, (list, tuple)) else [field.requires]
    for rule in rules:
        inner: Any = getattr(rule, "other", rule)
        if hasattr(inner, "options") and not isinstance(inner, dict):
            found = [key for key, _ in inner.options() if key not in ("", None)]
            if found:
                return [[one] for one in found] if field.type.startswith("list:") else found
    return []


# -- making values up --------------------------------------------------------------------------------


def _made_up(table: Any, field: Any, record: dict[str, Any], learner: Learner, attempt: int) -> Any:
    kind = field.type if isinstance(field.type, str) else "string"
    if kind.startswith(("reference", "big-reference")):
        return _some_id(table, kind)
    if kind.startswith("list:reference"):
        one = _some_id(table, kind)
        return [] if one is None else [one]
    base = kind.partition("(")[0]
    if base in _BY_TYPE:
        return _BY_TYPE[base]()
    if base in ("upload", "blob"):
        return None
    if base == "list:string":
        return [random.choice(words.TEXT.split()).strip(".,") for _ in range(random.randint(1, 3))]
    if base == "text":
        return learner.generate(random.randint(200, 600))
    if base == "password":
        return "".join(random.choices("abcdefghjkmnpqrstuvwxyz23456789", k=12))
    return _text_for(field, record, learner, attempt)


def _some_id(table: Any, kind: str) -> int | None:
    target = kind.split(" ", 1)[1].partition(".")[0] if " " in kind else ""
    db = table._db
    if target not in db.tables:
        return None
    rows = db(db[target]).select(db[target]._id, limitby=(0, 100))
    return int(random.choice(rows)[db[target]._id]) if rows else None


def _moment() -> datetime.datetime:
    ago = datetime.timedelta(seconds=random.randint(0, 5 * 365 * 86_400))
    return (datetime.datetime.now() - ago).replace(microsecond=0)


_BY_TYPE: dict[str, Callable[[], Any]] = {
    "boolean": lambda: random.random() < 0.5,
    "integer": lambda: random.randint(0, 1000),
    "bigint": lambda: random.randint(0, 1_000_000),
    "double": lambda: round(random.uniform(0, 1000), 2),
    "float": lambda: round(random.uniform(0, 1000), 2),
    "decimal": lambda: Decimal(random.randint(0, 99_999)) / 100,
    "date": lambda: _moment().date(),
    "time": lambda: _moment().time(),
    "datetime": _moment,
    "json": lambda: {"value": random.randint(0, 100)},
    "list:integer": lambda: [random.randint(0, 100) for _ in range(random.randint(1, 4))],
}


def _text_for(field: Any, record: dict[str, Any], learner: Learner, attempt: int) -> str:
    name, length = field.name.lower(), int(field.length or 512)
    for pattern, make in _BY_NAME:
        if re.search(pattern, name):
            text = make(record)
            break
    else:
        text = learner.generate(min(length, random.randint(12, 60)))
    if attempt or field.unique:
        mark = str(random.randint(1000, 999_999))
        text = f"{mark}.{text}" if "@" in text else f"{text[: max(0, length - len(mark) - 1)]} {mark}"
    return text[:length]


def _pick(values: Sequence[str]) -> str:
    return random.choice(values)


def _email(record: dict[str, Any]) -> str:
    first = str(record.get("first_name") or _pick(words.FIRST_NAMES))
    last = str(record.get("last_name") or _pick(words.LAST_NAMES))
    return f"{first}.{last}{random.randint(1, 9999)}@example.com".lower().replace(" ", "")


_BY_NAME: tuple[tuple[str, Callable[[dict[str, Any]], str]], ...] = (
    (r"e?mail", _email),
    (r"first_?name|given_?name", lambda _: _pick(words.FIRST_NAMES)),
    (r"last_?name|surname|family_?name", lambda _: _pick(words.LAST_NAMES)),
    (r"user_?name|login|nick", lambda _: f"{_pick(words.FIRST_NAMES).lower()}{random.randint(1, 99_999)}"),
    (
        r"company|organi[sz]ation",
        lambda _: f"{_pick(words.COMPANIES)} {_pick(('Ltd', 'Inc', 'GmbH', 'Works'))}",
    ),
    (r"country", lambda _: _pick(words.COUNTRIES)),
    (r"city|town", lambda _: _pick(words.CITIES)),
    (r"address|street", lambda _: f"{random.randint(1, 200)} {_pick(words.STREETS)} Street"),
    (r"zip|postal|postcode", lambda _: f"{random.randint(10_000, 99_999)}"),
    (r"phone|mobile|fax|tel$", lambda _: f"+00 555 {random.randint(100_000, 999_999)}"),
    (r"url|website|homepage|link", lambda _: f"https://example.com/{_pick(words.COMPANIES).lower()}"),
    (r"uuid|token|key$", lambda _: f"{random.getrandbits(128):032x}"),
    (r"(^|_)ip(_|$)", lambda _: f"192.0.2.{random.randint(1, 254)}"),
    (r"colou?r", lambda _: f"#{random.getrandbits(24):06x}"),
    (r"name$", lambda _: f"{_pick(words.FIRST_NAMES)} {_pick(words.LAST_NAMES)}"),
)
