"""The rules of a site's routes files, each with what one address makes of it (REWR-06, AP-21)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from runtime.routing.loading import RouteFile
from runtime.routing.model import Target
from runtime.routing.patterns import Rule, RuleSet
from runtime.routing.table import RouteTable, head_of

MATCHED, OTHER, UNTRIED = "matched", "does not match", "not tried"


@dataclass(frozen=True, slots=True)
class TriedRule:
    """One rule and what became of it.

    Attributes:
        group: ``routes_app``, ``routes_in``, ``routes_out`` or ``routers``.
        pattern: as written; for `routers` the name of the entry.
        target: its replacement as written; for `routers` the entry's values.
        result: ``matched``, ``does not match``, or ``not tried``, since one before it matched.
        made: what the address became; empty unless it matched.
        file: the routes file, relative to the site folder.
        line: where the pattern stands in it, from 1; 0 when it is not written there as such.
    """

    group: str
    pattern: str
    target: str
    result: str
    made: str = ""
    file: str = "routes.py"
    line: int = 0


def rules_in(table: RouteTable, environ: Mapping[str, Any], path: str) -> list[TriedRule]:
    """Return the rules on the way in, in the order they are tried.

    Args:
        table: the routes.
        environ: the request.
        path: its path, decoded.
    """
    if table.parametric is not None:
        return []
    head = head_of(environ)
    paths = [path, *([path[:-1]] if len(path) > 1 and path.endswith("/") else [])]
    site, out = table.site, _tried(table, table.site, "routes_app", table.site.routes_app, head, paths)
    chosen = next((each.made for each in out if each.result == MATCHED), "")
    file = table.own.get(chosen, site) if chosen else site
    return out + _tried(table, file, "routes_in", file.routes_in, head, paths)


def rules_out(table: RouteTable, environ: Mapping[str, Any], url: str, application: str) -> list[TriedRule]:
    """Return the rules on the way out, which turn `url` of an action into the address that visitors see."""
    file = table.site
    if file.routes_app:
        file = table.own.get(application, file)
    plain = url.partition("?")[0].partition("#")[0]
    urls = [url, *([plain] if plain != url else [])]
    return _tried(table, file, "routes_out", file.routes_out, head_of(environ), urls)


def routers_of(table: RouteTable, target: Target) -> list[TriedRule]:
    """Return the entries of the parametric router; those that `target` was read with have matched."""
    if table.site.routers is None:
        return []
    used = {"BASE", target.application}
    lines = _Lines(table, table.site)
    out = []
    for name, values in table.site.routers.items():
        words = ", ".join(f"{key} = {value!r}" for key, value in dict(values or {}).items())
        result = MATCHED if name in used else OTHER
        out.append(TriedRule("routers", str(name), words, result, "", lines.file, lines.of(str(name))))
    return out


def _tried(
    table: RouteTable, file: RouteFile, group: str, rules: RuleSet, head: str, texts: Iterable[str]
) -> list[TriedRule]:
    """Each rule with its result: the first that matches one of the texts, in their order, is the one."""
    winner: Rule | None = None
    groups: dict[str, str] = {}
    for text in texts:
        found = rules.find(head, text)
        if found is not None:
            winner, groups = found.rule, found.groups
            break
    lines, out, is_past = _Lines(table, file), [], False
    for rule in rules.rules:
        result, made = (UNTRIED, "") if is_past else (OTHER, "")
        if rule is winner:
            result, made, is_past = MATCHED, _made(rule, groups), True
        line = lines.of(rule.source)
        out.append(TriedRule(group, rule.source, rule.replacement, result, made, lines.file, line))
    return out


def _made(rule: Rule, groups: dict[str, str]) -> str:
    if rule.status is not None:
        return f"{rule.status} {rule.location(groups)}"
    return rule.target(groups)


class _Lines:
    """Where patterns stand in a routes file."""

    def __init__(self, table: RouteTable, file: RouteFile) -> None:
        path = os.path.join(table.root, file.file)
        self.file = os.path.relpath(path, table.root).replace(os.sep, "/")
        try:
            with open(path, encoding="utf-8-sig") as stream:
                self._lines = stream.read().splitlines()
        except (OSError, UnicodeError):
            self._lines = []

    def of(self, pattern: str) -> int:
        """The first line with the pattern in quotes, and what follows a pattern behind it."""
        wanted = re.compile(rf"""(['"]){re.escape(pattern)}\1\s*[,:]""")
        return next((number for number, line in enumerate(self._lines, 1) if wanted.search(line)), 0)
