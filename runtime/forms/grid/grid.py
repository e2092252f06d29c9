"""``SQLFORM.grid``: the records of a query, searched, sorted, paged, exported, and forms to change them."""

from __future__ import annotations

from typing import Any

from runtime.dal import Query, Set, Table
from runtime.forms.grid.address import Address, Wanted
from runtime.forms.grid.listing import Listing
from runtime.forms.grid.options import GridOptions
from runtime.forms.grid.records import RecordPages
from runtime.forms.identity import key_of, query_of, values_of
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.foundation.http import redirect
from runtime.html import DIV


class Grid(DIV):
    """A grid as it stands in a page.

    Attributes:
        create_form, update_form, view_form, search_form: the form of this page, None where it has none.
        rows: the records of this page of the list, None on a form's page.
        dbset: the set that was listed, with what was searched for.
    """

    create_form: Any = None
    update_form: Any = None
    view_form: Any = None
    search_form: Any = None
    rows: Any = None
    dbset: Any = None


class Source:
    """The records a grid is about.

    Args:
        query: query, set or table.
        options: of the grid.

    Attributes:
        db: the database.
        dbset: set of all records.
        left: the joins it is read with.
        tables: the tables of query and joins; the first is the one that is edited.
        key: the fields that tell the records of the first table apart: its number, or its key.
    """

    def __init__(self, query: Any, options: GridOptions) -> None:
        if isinstance(query, Table):
            query = key_of(query)[0] != None  # noqa: E711  # becomes SQL
        if isinstance(query, Set):
            query = query.query
        if not isinstance(query, Query):
            raise TypeError("SQLFORM.grid needs a query, a set or a table")
        self.db = query.db
        self.query, self.left = query, options.left
        ignore = options.ignore_common_filters
        self.dbset = self.db(query, ignore_common_filters=ignore) if ignore is not None else self.db(query)
        named = self.db._adapter.tables(query)
        joins = options.left if isinstance(options.left, (list, tuple)) else [options.left]
        joined = [join.first if hasattr(join, "first") else join for join in joins if join is not None]
        names = [name for name in named if name not in {table._tablename for table in joined}]
        first = [self.db[options.field_id.tablename]] if options.field_id is not None else []
        every = [*first, *(self.db[name] for name in names), *joined]
        self.tables = list({table._tablename: table for table in every}.values())
        self.key = (options.field_id,) if options.field_id is not None else key_of(self.tables[0])

    @property
    def table(self) -> Any:
        """The table whose records are listed and edited."""
        return self.key[0].table

    def key_in(self, table: Any) -> tuple[Any, ...]:
        """Return the fields that tell the records of one of the tables apart."""
        return self.key if table._tablename == self.table._tablename else key_of(table)

    def record(self, table: Any, text: str) -> Any:
        """Return the record of `table` that a text stands for if it is one of the grid's, else None."""
        if table._tablename not in {each._tablename for each in self.tables}:
            return None
        key = self.key_in(table)
        try:
            condition = query_of(key, values_of(key, text))
            return self.dbset(condition).select(table.ALL, left=self.left, limitby=(0, 1)).first()
        except (ValueError, OverflowError):
            return None


def grid(query: Any, fields: Any = None, **arguments: Any) -> Grid:
    """Return the grid of a query: the list of its records, or the page of one (NAMES-06).

    Args:
        query: query, set or table. Nothing outside of it is shown, changed or deleted.
        fields: columns.
        arguments: see `GridOptions`.

    Raises:
        TypeError: an argument that does not exist; or `query` is none.
        HTTP: 303 after a form was accepted or a visitor may not do what was asked; 200 with the file
            of an export; 400 or 404 for an address that means nothing here.
    """
    options = GridOptions.of({"fields": fields, **arguments})
    source = Source(query, options)
    address = Address(options.args, options.user_signature)
    wanted = address.wanted()
    if not address.allowed(wanted):
        current.session.flash = say("not authorized")
        redirect(address.plain(), client_side=bool(current.request.ajax))
    made = Grid(_class=options._class)
    if wanted.action:
        _show_record(made, wanted, source, options, address)
    else:
        Listing(source, options, address).fill(made)
    return made


def _show_record(made: Grid, wanted: Wanted, source: Source, options: GridOptions, address: Address) -> None:
    RecordPages(source, options, address).fill(made, wanted)
