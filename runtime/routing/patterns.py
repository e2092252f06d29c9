"""Pattern rules: `routes_in`, `routes_out`, `routes_app` compiled once (REWR-PAT-01..18).

A rule's pattern has a head (client, protocol, host, method) and a path, parted by a blank. Both are
matched apart: what the head matches can never reach into the path, and a rule without head costs no
more than a match of the path.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from runtime.routing.regex_guard import UnsafePattern, compile_guarded, literal_prefix

log = logging.getLogger("web2py.rewrite")

DEFAULT_HEAD = r".*?:https?://[^:/]+:[a-z]+"
"""What stands before the path when a pattern gives nothing else (REWR-PAT-05)."""

_SHORT = re.compile(r"\$([A-Za-z_]\w*)")
_GROUP = re.compile(r"\\g<(\w+)>|\\([1-9]\d?)")
_REDIRECT = re.compile(r"(\d{3})->(.*)", re.DOTALL)
_UPPER_METHOD = re.compile(r":[A-Z]+$")
_AUTHORITY = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?//([^/?#]*)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]+")
_DEEPEST = 3  # literal parts of a path that rules are found by


class BadRule(ValueError):
    """A rule cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched, with its captured groups."""

    rule: Rule
    groups: dict[str, str]


class Rule:
    """One pair (pattern, replacement).

    Attributes:
        source: the pattern as written.
        replacement: as written.
        compiled: the whole expression with its head, as text (REWR-PAT-05).
        status: status code of a redirecting rule, else None (REWR-PAT-08).
    """

    __slots__ = (
        "_head",
        "_path",
        "_target",
        "compiled",
        "prefix",
        "replacement",
        "source",
        "status",
        "whole",
    )

    def __init__(self, pattern: Any, replacement: Any) -> None:
        if not isinstance(pattern, str) or not isinstance(replacement, str):
            raise BadRule(f"rule {(pattern, replacement)!r}: pattern and replacement must be texts")
        self.source, self.replacement = pattern, replacement
        head, path = _split(pattern)
        if head is not None and _UPPER_METHOD.search(head):
            log.warning(
                "pattern %r has an upper-case method and never matches; write it in lower case", pattern
            )
        expanded = _expand(path)
        try:
            self._path = compile_guarded(expanded, re.DOTALL)
            self._head = None if head is None else compile_guarded(_expand(head), re.DOTALL)
            self.prefix, self.whole = literal_prefix(expanded, re.DOTALL)
        except UnsafePattern as error:
            raise BadRule(str(error)) from None
        self.compiled = f"^{DEFAULT_HEAD if head is None else _expand(head)} {expanded}$"
        found = _REDIRECT.fullmatch(replacement)
        self.status = int(found[1]) if found else None
        self._target = _template(found[2] if found else replacement)
        self._check_groups()

    def _check_groups(self) -> None:
        known = set(self._path.groupindex) | set(self._head.groupindex if self._head else ())
        head_groups = self._head.groups if self._head else 0
        known |= {str(n) for n in range(1, head_groups + self._path.groups + 1)}
        for part in self._target[1::2]:
            if part not in known:
                raise BadRule(f"rule {self.source!r}: the replacement names the unknown group {part!r}")
        if self.status is not None:
            if not 300 <= self.status < 400:
                raise BadRule(f"rule {self.source!r}: status {self.status} is no redirect")
            self._check_authority(head_groups)

    def _check_authority(self, head_groups: int) -> None:
        """A visitor's path must never choose the host of a redirect."""
        of_head = set(self._head.groupindex) if self._head else set()
        of_head |= {str(n) for n in range(1, head_groups + 1)}
        marked = "".join(f"<{part}>" if i % 2 else part for i, part in enumerate(self._target))
        found = _AUTHORITY.match(marked)
        begins_with_group = marked.startswith("<")
        for name in re.findall(r"<(\w+)>", found[1] if found else ""):
            if name not in of_head:
                raise BadRule(
                    f"rule {self.source!r}: group {name!r} of the path would choose the redirect's host"
                )
        if begins_with_group:
            raise BadRule(f"rule {self.source!r}: a redirect must not begin with a captured group")

    @property
    def has_head(self) -> bool:
        """Whether the pattern looks at client, protocol, host or method."""
        return self._head is not None

    def match(self, head: str, path: str) -> dict[str, str] | None:
        """Return the captured groups by name and number, or None."""
        found = self._path.fullmatch(path)
        if found is None:
            return None
        groups: dict[str, str] = {}
        offset = 0
        if self._head is not None:
            of_head = self._head.fullmatch(head)
            if of_head is None:
                return None
            _collect(of_head, 0, groups)
            offset = self._head.groups
        _collect(found, offset, groups)
        return groups

    def target(self, groups: dict[str, str]) -> str:
        """The replacement filled with `groups` as they are."""
        return "".join(groups[part] if i % 2 else part for i, part in enumerate(self._target))

    def path_and_query(self, groups: dict[str, str]) -> tuple[str, str]:
        """The replacement cut at its own ``?``; groups in the query are encoded (REWR-PAT-07)."""
        path: list[str] = []
        query: list[str] | None = None
        for i, part in enumerate(self._target):
            if i % 2:
                (path if query is None else query).append(
                    groups[part] if query is None else quote(groups[part], safe="/")
                )
            elif query is None and "?" in part:
                left, _, right = part.partition("?")
                path.append(left)
                query = [right]
            else:
                (path if query is None else query).append(part)
        return "".join(path), "".join(query or ())

    def location(self, groups: dict[str, str]) -> str:
        """Address of a redirect: groups encoded, so that none adds a header or another host."""
        safe = "/:@!$&'()*+,;=~-._"
        text = "".join(quote(groups[p], safe=safe) if i % 2 else p for i, p in enumerate(self._target))
        text = _CONTROL.sub("", text)
        return (
            "/" + text.lstrip("/\\") if text[:1] in "/\\" and not self._target[0].startswith("//") else text
        )


class RuleSet:
    """Rules in order; the first match wins (REWR-PAT-13).

    They are found by the path's first parts: a rule whose pattern begins with
    literal parts is tried only on paths that begin with the same.
    """

    __slots__ = ("_by_parts", "_levels", "needs_head", "rules")

    def __init__(self, pairs: Iterable[Any], name: str = "routes") -> None:
        self.rules = [_rule(pair, name) for pair in pairs]
        self.needs_head = any(rule.has_head for rule in self.rules)
        placed: dict[str, list[tuple[int, Rule]]] = {"": []}
        for i, rule in enumerate(self.rules):
            placed.setdefault(_literal_parts(rule), []).append((i, rule))
        self._by_parts = {key: _with_shorter(key, placed) for key in placed}
        self._levels = sorted({key.count("/") for key in placed if key}, reverse=True)

    def __bool__(self) -> bool:
        return bool(self.rules)

    def find(self, head: str, path: str) -> Match | None:
        """Return the first rule that matches, or None."""
        rules = None
        if self._levels:
            parts = path.split("/", _DEEPEST + 1)
            for level in self._levels:
                rules = self._by_parts.get("/".join(parts[: level + 1]))
                if rules is not None:
                    break
        for rule, prefix in self._by_parts[""] if rules is None else rules:
            if path.startswith(prefix):
                groups = rule.match(head, path)
                if groups is not None:
                    return Match(rule, groups)
        return None


def _literal_parts(rule: Rule) -> str:
    """The whole parts, at most `_DEEPEST`, that every path matching `rule` begins with."""
    parts = rule.prefix.split("/")
    complete = parts if rule.whole else parts[:-1]
    return "/".join(complete[: _DEEPEST + 1])


def _with_shorter(key: str, placed: dict[str, list[tuple[int, Rule]]]) -> list[tuple[Rule, str]]:
    """Rules of `key` and of all its beginnings, in their order."""
    found = list(placed[key])
    while key:
        key = key.rpartition("/")[0]
        found += placed.get(key, ())
    return [(rule, rule.prefix) for _, rule in sorted(found, key=lambda pair: pair[0])]


def _rule(pair: Any, name: str) -> Rule:
    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) < 2:
        raise BadRule(f"{name}: {pair!r} is no pair (pattern, replacement)")
    try:
        return Rule(pair[0], pair[1])
    except BadRule as error:
        raise BadRule(f"{name}: {error}") from None


def _split(pattern: str) -> tuple[str | None, str]:
    """Part a pattern in head and path at the blank that ends the head; head None when there is none."""
    text = pattern.removeprefix("^")
    if text.endswith("$") and not text.endswith("\\$"):
        text = text[:-1]
    scheme = text.find("://")
    blank = text.find(" ", scheme)
    if scheme < 0 or blank < 0 or " /" in text[:scheme]:
        return None, text
    return text[:blank], text[blank + 1 :]


def _expand(text: str) -> str:
    """REWR-PAT-10, REWR-PAT-11: ``$name`` and ``$anything``."""
    return _SHORT.sub(lambda m: f"(?P<{m[1]}>{'.*' if m[1] == 'anything' else chr(92) + 'w+'})", text)


def _template(text: str) -> list[str]:
    """Cut a replacement in literal texts (even places) and group names (odd places)."""
    text = _SHORT.sub(r"\\g<\1>", text)
    out: list[str] = []
    end = 0
    for found in _GROUP.finditer(text):
        out += [text[end : found.start()], found[1] or found[2]]
        end = found.end()
    return [*out, text[end:]]


def _collect(found: re.Match[str], offset: int, into: dict[str, str]) -> None:
    for i, value in enumerate(found.groups(), offset + 1):
        into[str(i)] = value or ""
    for name, value in found.groupdict().items():
        into[name] = value or ""
