"""`SQLTABLE`: selected records as a table of a page (NAMES-06, FUN-06)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.dal.referenced import ReferenceTexts
from runtime.html import COL, COLGROUP, DIV, TABLE, TBODY, TD, TH, THEAD, TR, A

CUT = "..."


class SQLTABLE(TABLE):
    """A table of records.

    Args:
        sqlrows: what a ``select`` returned.
        linkto: address before ``table/id`` of a record, or function ``(value, 'table' or 'reference', name)``
            that returns an address; ids and references become links.
        upload: address before the name of an uploaded file, or function of the name.
        orderby: True, or the column of the present order: column heads lead to ``th_link`` with
            ``?orderby=table.field``.
        headers: by ``table.field`` a text, or a dictionary with ``label``, ``class``, ``width``,
            ``truncate``; or ``'labels'``, or ``'fieldname:capitalize'``.
        truncate: characters shown of a text; None for all.
        columns: names of the columns shown, ``table.field``; default all that were selected.
        th_link: address of the heads' links.
        extracolumns: dictionaries ``label``, ``content`` (function of record and column), ``class``,
            ``width``.
        selectid: id of the record that is marked.
        renderstyle: True writes widths as attributes of the columns.
        cid: component that heads and links load into.
        colgroup: True writes a ``colgroup``.
    """

    def __init__(
        self,
        sqlrows: Any,
        linkto: Any = None,
        upload: Any = None,
        orderby: Any = None,
        headers: Any = None,
        truncate: int | None = 16,
        columns: Sequence[str] | None = None,
        th_link: str = "",
        extracolumns: Sequence[Mapping[str, Any]] | None = None,
        selectid: Any = None,
        renderstyle: bool = False,
        cid: Any = None,
        colgroup: bool = False,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        self.sqlrows, self.linkto, self.upload = sqlrows, linkto, upload
        self._truncate, self._headers, self._cid = truncate, headers or {}, cid
        self._extra = list(extracolumns or ())
        self._columns = self._chosen(columns)
        if not sqlrows.colnames:
            return
        self._texts = self._referenced()
        if colgroup or renderstyle:
            self.append(COLGROUP(*self._widths(renderstyle)))
        self.append(THEAD(TR(*self._heads(orderby, th_link))))
        self.append(TBODY(*(self._line(row, at, selectid) for at, row in enumerate(sqlrows))))

    def style(self) -> str:
        """Return style rules for the table's classes, for pages without a style sheet."""
        return "tbody tr.w2p_odd { background-color: #dfd; }\ntbody tr.w2p_even { background-color: #efe; }"

    def _chosen(self, wanted: Sequence[str] | None) -> list[tuple[str, Any]]:
        found = [
            (plain_name(name, field), field)
            for name, field in zip(self.sqlrows.colnames, self.sqlrows.fields, strict=False)
        ]
        if wanted is None:
            return found
        by_name = {name: (name, field) for name, field in found}
        return [by_name[name] for name in map(str, wanted) if name in by_name]

    def _option(self, name: str, key: str) -> Any:
        given = self._headers.get(name) if isinstance(self._headers, dict) else None
        return given.get(key) if isinstance(given, dict) else None

    def _head_text(self, name: str, field: Any) -> Any:
        headers = self._headers
        if headers == "fieldname:capitalize":
            return name.rpartition(".")[2].replace("_", " ").title()
        if headers == "labels":
            return getattr(field, "label", None) or name
        given = headers.get(name)
        return name if given is None else given.get("label", name) if isinstance(given, dict) else given

    def _widths(self, render: bool) -> list[Any]:
        entries = [self._option(name, "width") for name, _ in self._columns] + [
            each.get("width") for each in self._extra
        ]
        return [COL(_style=f"width: {width}" if render and width else None) for width in entries]

    def _heads(self, orderby: Any, link: str) -> list[Any]:
        heads = []
        for name, field in self._columns:
            text = self._head_text(name, field)
            if orderby and "." in name:
                joined = "&" if "?" in link else "?"
                present = str(orderby)
                wanted = f"~{name}" if present == name else name
                text = A(text, _href=f"{link}{joined}orderby={wanted}", cid=self._cid)
            heads.append(TH(text, _scope="col", _class=self._option(name, "class")))
        heads += [TH(each.get("label", ""), _scope="col", _class=each.get("class")) for each in self._extra]
        return heads

    def _line(self, row: Any, at: int, chosen: Any) -> Any:
        cells = [
            TD(self._shown(row, name, field), _class=self._option(name, "class"))
            for name, field in self._columns
        ]
        for each in self._extra:
            content = each.get("content", "")
            cells.append(TD(content(row, each) if callable(content) else content, _class=each.get("class")))
        number = row.get("id") if not isinstance(row.get("id"), dict) else None
        classes = "w2p_odd odd" if at % 2 == 0 else "w2p_even even"
        if chosen is not None and number is not None and str(number) == str(chosen):
            classes += " rowselected"
        return TR(*cells, _class=classes, _id=number)

    def _shown(self, row: Any, name: str, field: Any) -> Any:
        table = getattr(field, "tablename", None)
        if not table:
            return _text(row["_extra"][self._extra_name(row, name)] if "_extra" in row else row[name])
        record = _part(row, table)
        value = record[field.name]
        kind = str(field.type)
        if self.linkto and value is not None and (kind == "id" or kind.startswith("reference")):
            return A(
                self._represented(field, value, record), _href=self._target(field, kind, value), cid=self._cid
            )
        if field.represent is not None:
            return self._represented(field, value, record)
        if kind == "blob" and value:
            return "DATA"
        if kind == "password":
            return "********" if value else ""
        if kind == "upload":
            return self._file(value)
        return self._cut(field.formatter(value) if value is not None else "", name)

    def _referenced(self) -> ReferenceTexts:
        texts = ReferenceTexts()
        for _, field in self._columns:
            table = getattr(field, "tablename", None)
            if table:
                texts.expect(field, (_part(row, table)[field.name] for row in self.sqlrows))
        return texts

    @staticmethod
    def _extra_name(row: Any, name: str) -> str:
        return (
            name
            if name in row["_extra"]
            else next((key for key in row["_extra"] if plain_name(key, None) == name), name)
        )

    def _represented(self, field: Any, value: Any, record: Any) -> Any:
        shown = self._texts.render(field, value, record) if field.represent is not None else value
        return shown if isinstance(shown, DIV) else _text(shown)

    def _target(self, field: Any, kind: str, value: Any) -> str:
        is_reference = kind.startswith("reference")
        table = kind.partition(" ")[2].partition(".")[0] if is_reference else field.tablename
        if callable(self.linkto):
            link: Callable[..., Any] = self.linkto
            return str(link(value, "reference" if is_reference else "table", table))
        return f"{self.linkto}/{table}/{value}"

    def _file(self, value: Any) -> Any:
        if not value:
            return ""
        if not self.upload:
            return "file"
        return A("file", _href=self.upload(value) if callable(self.upload) else f"{self.upload}/{value}")

    def _cut(self, value: Any, name: str) -> Any:
        text = _text(value)
        most = self._option(name, "truncate") or self._truncate
        return text if not most or len(text) <= most else f"{text[: max(1, most - len(CUT))]}{CUT}"


def plain_name(name: str, field: Any) -> str:
    """Return the name of a selected column as applications write it: ``table.field``, without quotes."""
    if getattr(field, "tablename", None):
        return f"{field.tablename}.{field.name}"
    return name.replace('"', "").replace("`", "").replace("[", "").replace("]", "")


def _part(row: Any, table: str) -> Any:
    return row[table] if table in row and hasattr(row[table], "keys") else row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def rows_table(rows: Any) -> SQLTABLE:
    """Return how selected records look in a page: ``{{=rows}}`` and `BEAUTIFY` show a table (FUN-09)."""
    return SQLTABLE(rows, headers="labels", truncate=None)
