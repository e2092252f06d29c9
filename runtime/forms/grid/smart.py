"""``SQLFORM.smartgrid``: a grid of a table with links to the records that refer to each of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from runtime.forms.grid.grid import Grid, grid
from runtime.forms.identity import key_of, query_of, text_of, values_of
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.html import LI, SPAN, UL, A
from runtime.i18n.word_forms import BUILDERS
from runtime.routing import URL
from runtime.routing.signing import user_key
from runtime.routing.url import verifyURL

PER_TABLE = frozenset(
    ("maxtextlengths", "headers", "exportclasses", "formargs", "createargs", "editargs", "viewargs")
)
"""Arguments that are dictionaries by nature; others may be dictionaries of a value for each table."""


class _Trail:
    """The way from the first table to the one shown: steps ``table.field``, ``id`` in the address."""

    def __init__(self, table: Any, args: Sequence[Any], signed: bool) -> None:
        self.db, self.first = table._db, table
        self.base = [str(arg) for arg in args]
        self.signed = signed
        self.crumbs: list[Any] = []
        self.used = len(self.base)
        self.table: Any = table
        self.field: Any = None
        self.record: Any = None

    def follow(self, constraints: Mapping[str, Any], linked: Any) -> Any:
        """Walk through the address; return the query of the table it ends at.

        Raises:
            HTTP: 400 or 404: a step leads nowhere, or outside of what may be seen.
        """
        request = current.request
        steps = [str(arg) for arg in list(request.args)[len(self.base) :]]
        query = self._constraint(self.first, constraints)
        if steps and steps[0] == self.first._tablename:
            self.used += 1
            steps = steps[1:]
        self._add_crumb(self.first, [*self.base, self.first._tablename])
        while len(steps) >= 2 and "." in steps[0]:
            name, number = steps[0], steps[1]
            field = self._field(name, linked)
            record = self._record(query, number)
            self._add_record(record)
            self.table, self.field, self.record = field.table, field, record
            self.used += 2
            steps = steps[2:]
            own = self._constraint(self.table, constraints)
            target = record[self.referred(field)]
            link = field.contains(target) if str(field.type).startswith("list:") else field == target
            query = link if own is None else link & own
            self._add_crumb(self.table, [str(arg) for arg in request.args[: self.used]])
        return query if query is not None else self.first

    def _constraint(self, table: Any, constraints: Mapping[str, Any]) -> Any:
        return constraints.get(table._tablename)

    def _field(self, name: str, linked: Any) -> Any:
        for field in referring(self.table):
            if str(field) == name and is_linked(self.table, field, linked):
                return field
        raise HTTP(404, say("There is no such page."))

    @staticmethod
    def referred(field: Any) -> str:
        """Return the name of the field that `field` refers to."""
        named = str(field.type).partition(" ")[2].partition(".")
        return named[2] or str(field._db[named[0]]._id.name)

    def _record(self, query: Any, number: str) -> Any:
        table = self.table
        key = key_of(table)
        try:
            condition = query_of(key, values_of(key, number))
            dbset = self.db(condition) if query is None else self.db(query)(condition)
            record = dbset.select(table.ALL, limitby=(0, 1)).first()
        except (ValueError, OverflowError):
            record = None
        if record is None:
            raise HTTP(404, say("There is no such record."))
        return record

    def _add_crumb(self, table: Any, args: list[str]) -> None:
        address = URL(args=args, user_signature=self.signed or None, hash_vars=False)
        words = A(plural_of(table), _href=address, _class="w2p_trap", cid=current.request.cid)
        self.crumbs.append(LI(words, _class="w2p_grid_breadcrumb_elem"))

    def _add_record(self, record: Any) -> None:
        table = self.table
        text = record_text(table, record)
        args = [
            *(str(arg) for arg in current.request.args[: self.used]),
            "view",
            table._tablename,
            text_of(key_of(table), record),
        ]
        address = URL(args=args, user_signature=self.signed or None, hash_vars=False)
        words = A(text, _href=address, _class="w2p_trap", cid=current.request.cid)
        self.crumbs.append(LI(words, _class="w2p_grid_breadcrumb_elem"))


def smartgrid(
    table: Any,
    constraints: Mapping[str, Any] | None = None,
    linked_tables: Any = None,
    links: Any = None,
    links_in_grid: bool = True,
    args: Sequence[Any] | None = None,
    user_signature: bool = True,
    divider: Any = ">",
    breadcrumbs_class: str = "",
    **kwargs: Any,
) -> Grid:
    """Return the grid of `table`, whose records link to grids of those that refer to them (NAMES-06).

    Args:
        constraints: by name of a table, the query its records have to meet.
        linked_tables: names of the tables (or ``table.field``) that are linked, a dictionary of such lists
            by table, or None for all.
        links: by name of a table, or a list for all: as with ``grid``.
        args: arguments of the address that belong to the action itself.
        divider: between the steps of the trail.
        breadcrumbs_class: class of the trail.
        kwargs: arguments of ``grid``; a dictionary by table gives each its own.

    Raises:
        HTTP: as ``grid``, and 404 for a step to a table or record that is not linked.
    """
    trail = _Trail(table, args or (), user_signature)
    request = current.request
    deep = len(request.args) > len(trail.base) + 1
    known = user_signature and user_key() is not None
    if deep and known and not verifyURL(request, user_signature=True, hash_vars=False):
        current.session.flash = say("not authorized")
        redirect(URL(args=trail.base))
    query = trail.follow(constraints or {}, linked_tables)
    shown = trail.table
    options = {name: _for_table(name, value, shown) for name, value in kwargs.items()}
    own = links.get(shown._tablename, []) if isinstance(links, dict) else links or []
    further = _reference_links(trail, linked_tables)
    _fix_reference(trail, options)
    made = grid(
        query,
        args=[str(arg) for arg in request.args[: trail.used]] if trail.used > len(trail.base) else [
            *trail.base, table._tablename,
        ],
        links=[*own, *further] or None,
        links_in_grid=links_in_grid,
        user_signature=user_signature,
        **options,
    )  # fmt: skip
    made.insert(0, _breadcrumbs(trail, divider, breadcrumbs_class))
    return made


def _fix_reference(trail: _Trail, options: dict[str, Any]) -> None:
    """Let new records refer to the one the trail came from: there is nothing to choose."""
    field = trail.field
    if field is None or options.get("ignore_rw"):
        return
    target = trail.record[trail.referred(field)]
    field.default = [target] if str(field.type).startswith("list:") else target
    field.readable = field.writable = False


def _for_table(name: str, value: Any, table: Any) -> Any:
    if isinstance(value, dict) and name not in PER_TABLE:
        return value.get(table._tablename)
    if isinstance(value, dict) and table._tablename in value and isinstance(value[table._tablename], dict):
        return value[table._tablename]
    return value


def referring(table: Any) -> list[Any]:
    """Return the fields that refer to `table`."""
    return [*table._referenced_by, *getattr(table, "_referenced_by_list", ())]


def is_linked(table: Any, field: Any, linked: Any) -> bool:
    """Tell whether the records that refer by `field` are linked from those of `table`."""
    if not field.readable:
        return False
    if linked is None:
        return True
    names: Iterable[Any] = linked.get(table._tablename, ()) if isinstance(linked, dict) else linked
    wanted = {str(name) for name in names}
    return field.tablename in wanted or str(field) in wanted


def _reference_links(trail: _Trail, linked: Any) -> list[Any]:
    table = trail.table
    fields = [field for field in referring(table) if is_linked(table, field, linked)]
    count: dict[str, int] = {}
    for field in fields:
        count[field.tablename] = count.get(field.tablename, 0) + 1
    made = []
    for field in fields:
        words = plural_of(field.table)
        if count[field.tablename] > 1:
            words = f"{words} ({field.label})"
        made.append(partial(_reference_link, trail, field, words))
    return made


def _reference_link(trail: _Trail, field: Any, words: Any, row: Any) -> Any:
    table = trail.table
    record = (
        row[table._tablename] if table._tablename in row and hasattr(row[table._tablename], "keys") else row
    )
    base = [str(arg) for arg in current.request.args[: trail.used]]
    if trail.used == len(trail.base):
        base = [*trail.base, table._tablename]
    number = text_of(key_of(table), record)
    address = URL(args=[*base, str(field), number], user_signature=trail.signed or None, hash_vars=False)
    return A(
        SPAN(words),
        _href=address,
        _class="w2p_trap button btn btn-default btn-secondary",
        cid=current.request.cid,
    )


def plural_of(table: Any) -> Any:
    """Return the name of the records of `table`, in the visitor's language."""
    plural = table._plural
    if plural is None:
        singular = str(table._singular)
        plural = BUILDERS["en"](singular, 1)
    return say(plural) if isinstance(plural, str) else plural


def record_text(table: Any, record: Any) -> str:
    """Return a record as the table's `format` shows it, else by its number."""
    form = table._format
    if callable(form):
        return str(form(record))
    if form:
        try:
            return str(str(form) % record)
        except (KeyError, TypeError, ValueError):
            pass
    return f"{table._singular} #{' '.join(str(record[field.name]) for field in key_of(table))}"


def _breadcrumbs(trail: _Trail, divider: Any, css: str) -> Any:
    items: list[Any] = []
    for at, crumb in enumerate(trail.crumbs):
        if at:
            crumb.insert(0, SPAN(divider, " ", _class="divider", **{"_aria-hidden": "true"}))
        items.append(crumb)
    return UL(*items, _class=f"breadcrumb {css}".strip(), **{"_aria-label": say("Trail")})
