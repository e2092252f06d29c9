"""The list of a grid: search, order, page, table, exports, boxes to choose records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from runtime.dal import Expression
from runtime.dal.referenced import ReferenceTexts
from runtime.dal.selects.lazy_rows import LazyRows
from runtime.dal.spooled import SpooledRows
from runtime.forms.deleting import SHOWN, seen_digest
from runtime.forms.form import FORM
from runtime.forms.grid import columns
from runtime.forms.grid.address import DELETE, EDIT, NEW, VIEW, Address
from runtime.forms.grid.buttons import button, granted
from runtime.forms.grid.exporters import EXPORTERS, HIDDEN, STREAMING
from runtime.forms.grid.options import GridOptions
from runtime.forms.grid.paging import Page, count_records, counter, page_of, paginator
from runtime.forms.grid.records import RecordPages
from runtime.forms.grid.search import search_form, searched_query
from runtime.forms.identity import simple, text_of
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.html import CAT, COL, COLGROUP, DIV, INPUT, TABLE, TBODY, TD, TH, THEAD, TR, A
from runtime.html.anchor import CONFIRM_DELETE
from runtime.routing.signing import user_key

if TYPE_CHECKING:
    from runtime.forms.grid.grid import Grid, Source


class Listing:
    """Makes the list.

    Args:
        source: the records of the grid.
        options: of the grid.
        address: makes addresses.
    """

    def __init__(self, source: Source, options: GridOptions, address: Address) -> None:
        self.source, self.options, self.address = source, options, address
        self.columns, self.beside = columns.columns_of(source.tables, options)
        pages = RecordPages(source, options, address)
        self.upload = pages.upload()
        self.listed = pages.listed_fields(source.table)

    def fill(self, made: Grid) -> None:
        """Put the list into `made`.

        Raises:
            HTTP: 200 with the file when an export is asked for.
        """
        options, request = self.options, current.request
        searched = [field for field in self.columns if self._is_searchable(field)]
        query, problem = searched_query(searched, request.get_vars.keywords, options.searchable)
        dbset = self.source.dbset if not options.searchable or query is None else self.source.dbset(query)
        made.dbset = dbset
        order = self.order()
        exported = request.get_vars.get("_export_type")
        if exported and options.csv:
            self._export(str(exported), dbset, order)
        total = count_records(dbset, options.left, options.groupby, self.source.key[0], options.cache_count)
        page = page_of(request.get_vars.page, options.paginate, total, options.auto_pagination)
        rows = self._select(dbset, order, page.limits)
        made.rows = rows
        made.append(self._console(made, searched, page, len(rows), problem))
        made.append(self._body(rows))
        made.append(self._footer(page, len(rows)))

    def _is_searchable(self, field: Any) -> bool:
        if columns.is_virtual(field) or not hasattr(field, "tablename") or not field.tablename:
            return False
        return bool(getattr(field, "searchable", True)) and str(field.type) not in (
            "blob",
            "password",
            "upload",
        )

    # records

    def order(self) -> Any:
        """Return `orderby`: the column a visitor chose, else that of the grid; equal ones by their number.

        Without the number, records that are equal in that column may stand on two pages and others on none.
        """
        wanted = current.request.get_vars.order
        wanted = wanted[0] if isinstance(wanted, (list, tuple)) else wanted
        if self.options.sortable and wanted:
            down, name = str(wanted).startswith("~"), str(wanted).lstrip("~")
            for field in self.columns:
                if columns.column_name(field) == name and not columns.is_virtual(field):
                    return self._steady(~field if down else field)
        return self._steady(self.options.orderby)

    def _steady(self, order: Any) -> Any:
        if not isinstance(order, Expression) or self.options.groupby is not None:
            return order
        down = order.op == order.db._adapter.dialect.invert
        return reduce(or_, [order, *(~field if down else field for field in self.source.key)])

    def _select(self, dbset: Any, order: Any, limits: Any) -> Any:
        fields, asked = self._asked(order)
        if limits is not None:
            asked["limitby"] = limits
        return dbset.select(*fields, **asked)

    def _asked(self, order: Any) -> tuple[list[Any], dict[str, Any]]:
        """Return fields and attributes of the select."""
        grouped = self.options.groupby is not None
        source = self.source
        fields = columns.selected_fields(self.columns, self.beside, source.tables, source.key, grouped)
        asked: dict[str, Any] = {"left": self.options.left, "orderby": order, "groupby": self.options.groupby}
        return fields, {name: value for name, value in asked.items() if value is not None}

    # exports

    def _exporters(self) -> dict[str, tuple[Any, str, str]]:
        found: dict[str, Any] = dict(EXPORTERS)
        for name, given in (self.options.exportclasses or {}).items():
            if not given:
                found.pop(name, None)
            elif isinstance(given, (list, tuple)):
                found[name] = (given[0], given[1], given[2] if len(given) > 2 else given[1])
            else:
                found[name] = (given, getattr(given, "label", None) or name, "")
        return found

    def _export(self, name: str, dbset: Any, order: Any) -> None:
        found = self._exporters().get(name)
        if found is None:
            raise HTTP(400, say("There is no such export."))
        kind, hidden = found[0], name.endswith(HIDDEN)
        spooled = SpooledRows(dbset, *self._asked(order))
        rows = spooled.none() if kind in STREAMING else LazyRows.of(spooled)
        exporter = kind(self._exported_columns(rows, hidden))
        ending = getattr(exporter, "file_ext", None) or name
        current.response.headers["Content-Type"] = getattr(exporter, "content_type", None) or "text/plain"
        current.response.headers["Content-Disposition"] = f'attachment; filename="rows.{ending}"'
        if kind in STREAMING:
            body = exporter.pieces(self._exported_columns(rows, hidden) for rows in spooled.parts())
        else:
            body = exporter.export()
        if isinstance(body, Iterator):
            body = self._sent(body, spooled)
        else:
            spooled.close()
        raise HTTP(200, body, **current.response.headers)

    def _sent(self, pieces: Iterator[Any], spooled: SpooledRows) -> Iterator[Any]:
        """Yield the file; what reading references began ends with each piece, however slow the reader is."""
        with closing(spooled):
            for piece in pieces:
                self.source.db.commit()
                yield piece

    def _exported_columns(self, rows: Any, hidden: bool) -> Any:
        """Return `rows` with the columns shown, or with all that were read."""
        if not hidden:
            shown = [field for field in self.columns if not columns.is_virtual(field)]
            names = {str(field) for field in shown}
            at = [i for i, field in enumerate(rows.fields) if str(field) in names]
            rows.colnames, rows.fields = [rows.colnames[i] for i in at], [rows.fields[i] for i in at]
        return rows

    def _export_menu(self) -> Any:
        links = [
            A(
                say(text),
                _href=self.address.to(variables={"_export_type": name, "page": None}),
                _title=say(why) if why else None,
                _class="btn btn-default btn-secondary",
            )
            for name, (_, text, why) in self._exporters().items()
        ]
        return DIV(say("Export:"), *links, _class="w2p_export_menu") if links else ""

    # above the table

    def _console(self, made: Grid, searched: list[Any], page: Page, shown: int, problem: str) -> Any:
        options, styles = self.options, self.options.styles
        parts: list[Any] = []
        if options.searchable and searched and options.search_widget:
            plain = self.address.plain()
            if options.search_widget == "default":
                kept = self.address.kept_variables("keywords")
                prefix = f"w2p_{options.formname}"
                form = search_form(searched, plain.partition("?")[0], options.advanced_search, prefix, kept)
            else:
                form = options.search_widget(searched, plain)
            made.search_form = form
            parts.append(form)
        if granted(options.create):
            target = self.address.to(NEW, self.source.tables[0]._tablename, variables={"page": None})
            parts.insert(
                0, button(options, "buttonadd", "Add Record", target, _title=say("Add record to database"))
            )
        parts.append(DIV(problem, _class="web2py_problem", _role="alert") if problem else "")
        parts.append(counter(page, shown))
        classes = f"web2py_console {styles.get('header')} {styles.get('cornertop')}"
        return DIV(*parts, _class=" ".join(classes.split()))

    # the table

    def _body(self, rows: Any) -> Any:
        table = DIV(self._table(rows), _class="web2py_htmltable", _style="width:100%;overflow-x:auto;")
        return self._with_boxes(table, rows) if self.options.selectable else DIV(table, _class="web2py_table")

    def _table(self, rows: Any) -> Any:
        options = self.options
        left, right = self._sides()
        heads: list[Any] = [TH(_class="web2py_select")] if options.selectable else []
        heads += [TH("", _class=options.styles.get("default")) for _ in left]
        heads += [self._head(field) for field in self.columns]
        heads += [TH(head, _class=options.styles.get("default")) for head, _ in right]
        texts = columns.texts_of(rows, self.columns)
        lines = [self._line(row, left, right, at, texts) for at, row in enumerate(rows)]
        widths = [COL(_id=columns.column_name(field).replace(".", "-")) for field in self.columns]
        before = [COL() for _ in range(len(heads) - len(self.columns) - len(right))]
        group = COLGROUP(*before, *widths, *(COL(data={"column": n + 1}) for n in range(len(right))))
        return TABLE(group, THEAD(TR(*heads)), TBODY(*lines))

    def _sides(self) -> tuple[list[tuple[Any, Any]], list[tuple[Any, Any]]]:
        """Return left and right columns of links and buttons, each a head and a function of the record."""
        links = list(self.options.links or ()) if self.options.links_in_grid else []
        made: list[tuple[Any, Any]] = [
            (link.get("header", ""), link["body"]) if isinstance(link, dict) else ("", link) for link in links
        ]
        left: list[tuple[Any, Any]] = []
        right: list[tuple[Any, Any]] = []
        for placement, entries in (
            (self.options.links_placement, made),
            (self.options.buttons_placement, [("", self._buttons)] if self._has_buttons() else []),
        ):
            if placement in ("left", "both"):
                left += entries
            if placement in ("right", "both"):
                right += entries
        return left, right

    def _has_buttons(self) -> bool:
        options = self.options
        return bool(options.details or options.editable or options.deletable)

    def _head(self, field: Any) -> Any:
        options = self.options
        text = columns.head_text(field, options)
        styles = options.styles.get("default")
        if not options.sortable or columns.is_virtual(field) or not getattr(field, "tablename", None):
            return TH(text, _class=styles, _scope="col")
        name, wanted = columns.column_name(field), current.request.get_vars.order
        mark: Any = ""
        sort, following = None, name
        if wanted == name:
            mark, sort, following = options.sorter_icons[0], "ascending", f"~{name}"
        elif wanted == f"~{name}":
            mark, sort = options.sorter_icons[1], "descending"
        target = self.address.to(variables={"order": following, "page": None})
        link = A(text, CAT(" ", mark) if mark else "", _href=target, cid=current.request.cid)
        return TH(link, _class=styles, _scope="col", **{"_aria-sort": sort})

    def _line(self, row: Any, left: list[Any], right: list[Any], at: int, texts: ReferenceTexts) -> Any:
        options = self.options
        number = self._number(row) if options.groupby is None else None
        cells: list[Any] = []
        if options.selectable:
            box = INPUT(
                _type="checkbox", _name="records", _value=number, value=current.request.vars.records,
                **{"_aria-label": say("Choose record %s", number)},
            )  # fmt: skip
            cells.append(TD(box))
        cells += [TD(body(row), _class="row_buttons") for _, body in left]
        cells += [TD(columns.cell(row, field, options, self.upload, texts)) for field in self.columns]
        cells += [TD(body(row), _class="row_buttons", _nowrap=True) for _, body in right]
        return TR(
            *cells,
            _id=number,
            _class=f"w2p_{'odd' if at % 2 == 0 else 'even'} {'odd' if at % 2 == 0 else 'even'} with_id",
        )

    def _buttons(self, row: Any) -> Any:
        options, source = self.options, self.source
        if options.groupby is not None:
            return ""
        table, number = source.key[0].tablename, self._number(row)
        if number is None:
            return ""
        record = columns.part_of(row, source.key[0]) if len(source.tables) == 1 else row
        made: list[Any] = []
        if granted(options.details, record):
            made.append(button(options, "buttonview", "View", self.address.to(VIEW, table, number)))
        if granted(options.editable, record):
            made.append(button(options, "buttonedit", "Edit", self.address.to(EDIT, table, number)))
        if granted(options.deletable, record):
            made.append(self._delete_button(table, number, row))
        return CAT(*made)

    def _number(self, row: Any) -> str | None:
        """Return what stands for the record of a row in addresses; None where a join has found none."""
        record = columns.part_of(row, self.source.key[0])
        if any(record[field.name] is None for field in self.source.key):
            return None
        return text_of(self.source.key, record)

    def _delete_button(self, table: str, number: Any, row: Any) -> Any:
        """Return the button that deletes: in the background by a signed address, else by a page that asks.

        The signed address says which values were shown: another record is not deleted (OCC-11).
        """
        if not self.options.user_signature or user_key() is None:
            target = self.address.to(DELETE, table, number)
            return button(self.options, "buttondelete", "Delete", target)
        record = columns.part_of(row, self.source.key[0])
        target = self.address.to(DELETE, table, number, variables={SHOWN: seen_digest(self.listed, record)})
        question = None if self.options.noconfirm else say(CONFIRM_DELETE)
        return button(
            self.options, "buttondelete", "Delete", target,
            callback=target, delete="tr", confirm=question, noconfirm=self.options.noconfirm,
        )  # fmt: skip

    # boxes

    def _with_boxes(self, table: Any, rows: Any) -> Any:
        """Return the table in a form whose buttons act on the records that were chosen."""
        given = self.options.selectable
        actions = (
            given if isinstance(given, (list, tuple)) else [(self.options.selectable_submit_button, given)]
        )
        buttons = []
        for at, action in enumerate(actions):
            extra = action[2] if len(action) > 2 else ""
            buttons.append(
                INPUT(
                    _type="submit",
                    _value=say(str(action[0])),
                    _name=f"submit_{at}",
                    _class=f"btn btn-default {extra}".strip(),
                )
            )
        form = FORM(table, DIV(*buttons, _class="web2py_selectable"), _class="web2py_table")
        if form.process(
            formname=f"{self.options.formname}_selectable", message_onsuccess=None, keepvalues=True
        ).accepted:
            sent = current.request.post_vars
            chosen = (
                sent.records if isinstance(sent.records, list) else [sent.records] if sent.records else []
            )
            key = self.source.key
            listed = {self._number(row): simple(key, columns.part_of(row, key[0])) for row in rows}
            numbers = [listed[text] for text in map(str, chosen) if text in listed]
            for at, action in enumerate(actions):
                if f"submit_{at}" in sent or len(actions) == 1:
                    action[1](numbers)
                    break
        return form

    # below the table

    def _footer(self, page: Page, shown: int) -> Any:
        def address(number: int) -> str:
            return self.address.to(variables={"page": number})

        parts = [paginator(page, shown, address, current.request.cid)]
        if self.options.csv and page.total:
            parts.append(self._export_menu())
        styles = self.options.styles
        classes = f"web2py_footer {styles.get('header')} {styles.get('cornerbottom')}"
        return DIV(*parts, _class=" ".join(classes.split()))
