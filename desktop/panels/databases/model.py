"""What the panel shows, as values without widgets: places, tables, words."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.panels.overview.words import number
from desktop.widgets.value.texts import size_words

PAGE = 200
FILE_KINDS = ("upload", "blob")


@dataclass(frozen=True)
class Place:
    """A table of a database of an application; parts are empty where less is meant.

    `controller` is one with models of its own, which define the table; a function as ``controller/function``.
    """

    application: str = ""
    database: str = ""
    table: str = ""
    controller: str = ""

    def words(self) -> str:
        """ "shop > db > thing"."""
        models = f"models of {self.controller}" if self.controller else ""
        return "  ›  ".join(filter(None, (self.application, models, self.database, self.table)))

    def key(self) -> str:
        """Under which what belongs to it is kept."""
        return f"{self.application}/{self.database}/{self.table}"

    @property
    def scope(self) -> str:
        """The models that have to run for it: the application, with a controller after a slash."""
        return f"{self.application}/{self.controller}" if self.controller else self.application

    def whole(self) -> Place:
        """All that these models define."""
        return Place(self.application, controller=self.controller)

    def above(self) -> list[Place]:
        """The places whose models run for this one too: the application, and a function's controller."""
        controller, _, function = self.controller.partition("/")
        above = [Place(self.application)] if self.controller else []
        return [*above, Place(self.application, controller=controller)] if function else above


@dataclass
class Count:
    """How many rows there are.

    Attributes:
        rows: None while nothing is known.
        exact: counted, not estimated.
    """

    rows: int | None = None
    exact: bool = False

    def words(self) -> str:
        """ "18 402 rows", "about 1.2 million rows"."""
        if self.rows is None:
            return ""
        if self.exact:
            return f"{number(self.rows)} row{'' if self.rows == 1 else 's'}"
        return f"about {rounded(self.rows)} rows"

    def short(self) -> str:
        """The number for a narrow place."""
        if self.rows is None:
            return ""
        return number(self.rows) if self.exact else f"~{rounded(self.rows)}"


def rounded(count: int) -> str:
    """A number that is not known exactly: "1.2 million", "18 400"."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f} million"
    if count >= 1000:
        return number(round(count, -2))
    return number(count)


@dataclass(frozen=True)
class Branch:
    """One line of the list at the left.

    Attributes:
        kind: ``application``, ``controller``, ``database``, ``table`` or ``fault``.
        level: how far it is set in.
        place: what it stands for.
        text, note: its words, and those at its right.
        open: whether what is below it is shown; None for what has nothing below.
        fault: why it can't be opened.
    """

    kind: str
    level: int
    place: Place
    text: str
    note: str = ""
    open: bool | None = None
    fault: str = ""


@dataclass
class Known:
    """What is known of one application, or of the models of one of its controllers."""

    report: dict[str, Any] | None = None
    counts: dict[str, dict[str, Count]] = field(default_factory=dict)
    sizes: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def table(self, place: Place) -> dict[str, Any] | None:
        """The facts of a table, None when the models have none of the name."""
        for database in (self.report or {}).get("databases", ()):
            if database["name"] == place.database:
                for table in database["tables"]:
                    if table["name"] == place.table:
                        found: dict[str, Any] = table
                        return found
        return None

    def database(self, name: str) -> dict[str, Any] | None:
        """The facts of a database."""
        for database in (self.report or {}).get("databases", ()):
            if database["name"] == name:
                found: dict[str, Any] = database
                return found
        return None

    def count(self, place: Place) -> Count:
        """How many rows a table has, as far as known."""
        return self.counts.get(place.database, {}).get(place.table, Count())


def branches(
    applications: Iterable[str], known: Mapping[str, Known], opened: set[str], single: bool, find: str = ""
) -> list[Branch]:
    """The lines of the list.

    Args:
        applications: which, in order.
        known: what was found of each, by `Place.scope`.
        opened: scopes whose lines below are shown.
        single: only one is looked at, so it needs no line of its own.
        find: show tables whose name has this.
    """
    out: list[Branch] = []
    for name in applications:
        level = 0
        of_application = known.get(name, Known())
        report = of_application.report
        if not single:
            fault = (report or {}).get("problem") or {}
            note = "does not load" if report is not None and not report["loads"] else ""
            out.append(
                Branch("application", 0, Place(name), name, note, name in opened, fault.get("message", ""))
            )
            level = 1
            if name not in opened:
                continue
        wanted = find.strip().lower()
        out += _of_report(Place(name), of_application, level, wanted)
        for controller in (report or {}).get("controllers", ()):
            out += _of_controller(Place(name, controller=controller), known, opened, level, wanted)
    return out


def _of_report(
    place: Place, known: Known, level: int, find: str, left_out: Collection[tuple[str, str]] = ()
) -> list[Branch]:
    """The lines of what models define, without the tables `left_out`, and databases that have no others."""
    if known.report is None:
        return [Branch("fault", level, place, "Running the models…")]
    out: list[Branch] = []
    problem = known.report["problem"]
    if problem:
        out.append(Branch("fault", level, place, "does not load", fault=problem["message"]))
    for database in known.report["databases"]:
        name = database["name"]
        tables = [table for table in database["tables"] if (name, table["name"]) not in left_out]
        if left_out and not tables:
            continue
        of_database = replace(place, database=name)
        out.append(Branch("database", level, of_database, name, database["engine"], fault=database["fault"]))
        for table in tables:
            if find and find not in table["name"].lower():
                continue
            of_table = replace(of_database, table=table["name"])
            note = "not made yet" if table.get("exists") is False else known.count(of_table).short()
            out.append(Branch("table", level + 1, of_table, table["name"], note, fault=table["fault"]))
    if not known.report["databases"] and not problem:
        out.append(Branch("fault", level, place, "opens no database"))
    return out


def _of_controller(
    place: Place, known: Mapping[str, Known], opened: set[str], level: int, find: str
) -> list[Branch]:
    """The line of a controller with models of its own, and the tables that only these define."""
    found, is_open = known.get(place.scope, Known()), place.scope in opened
    problem = (found.report or {}).get("problem") or {}
    out = [
        Branch("controller", level, place, place.controller, "models", is_open, problem.get("message", ""))
    ]
    if not is_open:
        return out
    others = set().union(*(_tables_of(known[one.scope]) for one in place.above() if one.scope in known))
    below = _of_report(place, found, level + 1, find, others)
    if not below:
        below = [Branch("fault", level + 1, place, "no tables of their own")]
    return out + below


def _tables_of(known: Known) -> set[tuple[str, str]]:
    databases = (known.report or {}).get("databases", ())
    return {(database["name"], table["name"]) for database in databases for table in database["tables"]}


def where_words(database: Mapping[str, Any]) -> str:
    """Where a database is: engine, name, host, size; never how to get in (DB-11)."""
    parts = [database["engine"], database["database"]]
    if database["host"]:
        parts.append(f"on {database['host']}")
    if database["size"]:
        parts.append(size_words(database["size"]))
    return ", ".join(filter(None, parts))


def flags_of(field: Mapping[str, Any]) -> list[str]:
    """What a column demands, in words."""
    names = (("notnull", "not null"), ("unique", "unique"), ("computed", "computed"))
    return [words for name, words in names if field[name]]


def column_words(field: Mapping[str, Any]) -> str:
    """A column for a tooltip: type, what it demands, label, comment."""
    flags = flags_of(field)
    lines = [f"{field['name']}: {field['type']}" + (f", {', '.join(flags)}" if flags else "")]
    lines += [
        one for one in (field["label"], field["comment"]) if one and one.lower() != field["name"].lower()
    ]
    lines += field["validators"]
    return "\n".join(lines)


def shown_cell(cell: Any) -> str:
    """A cell as one line of text; NULL, bytes and chosen files in words."""
    if cell is None:
        return "NULL"
    if isinstance(cell, dict):
        if "file" in cell:
            return f"{os.path.basename(cell['file'])}, new"
        return f"{size_words(cell['bytes'])} of bytes" if "bytes" in cell else f"{cell['cut']}…"
    return str(cell)


def is_whole(cell: Any) -> bool:
    """Whether a cell holds all of its value, so that it can be changed in place."""
    return cell is None or isinstance(cell, str)
