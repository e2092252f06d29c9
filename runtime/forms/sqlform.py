"""`SQLFORM`: the form of a table or record (NAMES-06, FUN-02, FUN-03, OCC-01..09)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from runtime.forms import bootstrap, conflicts, identity, layout, saving, styles
from runtime.forms.fields import id_name, initial, table_of
from runtime.forms.form import FORM
from runtime.forms.outcome import call_onvalidation
from runtime.forms.reading import drop_files, field_values, keep_files
from runtime.forms.widgets import NATIVE, WIDGETS
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.html import CAT, DIV, INPUT

FORMSTYLES = Storage(
    table3cols=styles.table3cols,
    table2cols=styles.table2cols,
    divs=styles.divs,
    inline=styles.inline,
    ul=styles.ul,
    plain=styles.plain,
    bootstrap=bootstrap.bootstrap,
    bootstrap3_stacked=bootstrap.bootstrap3_stacked,
    bootstrap3_inline=bootstrap.bootstrap3_inline,
    bootstrap4_stacked=bootstrap.bootstrap4_stacked,
    bootstrap4_inline=bootstrap.bootstrap4_inline,
    bootstrap5_stacked=bootstrap.bootstrap5_stacked,
    bootstrap5_inline=bootstrap.bootstrap5_inline,
)


class SQLFORM(FORM):
    """A form that inserts, changes, deletes or shows one record.

    Args:
        table: of a DAL.
        record: number of the record, dictionary of its key, or the record itself; None makes a new one.
        deletable: offer a box that deletes the record.
        linkto: address, or function, of lists of the records that refer to this one.
        upload: address that delivers uploaded files, such as ``URL('download')``.
        fields: names of the fields, all that may be seen by default.
        labels: dictionary of labels by name.
        col3: dictionary of texts beside the fields, instead of their comments.
        submit_button: its text.
        delete_label: text beside the box that deletes.
        showid: show the number of the record.
        readonly: show only.
        comments: show the comments of the fields.
        keepopts: accepted for compatibility.
        ignore_rw: take no notice of `readable` and `writable`.
        record_id: accepted for compatibility.
        formstyle: name out of ``SQLFORM.formstyles`` or a function; ``response.formstyle`` by default.
        buttons: elements in the place of the submit button; ``'submit'`` among them stands for it.
        separator: text behind labels; ``response.form_label_separator`` or ``": "`` by default.
        extra_fields: further fields that are validated, not stored.
        native_inputs: use the browser's own controls for dates and times.
        attributes: of the tag, and those of `FORM`.

    `accepts` and `process` take `detect_record_change`: None (default) merges changes
    of different fields and refuses two of one; True refuses when anything in the record has changed;
    the name of a version field refuses when that has changed, and counts it up; False lets the last one win.
    What was refused is in `record_changed` and `conflicts`, nothing is saved, and the form shows both values.

    Raises:
        HTTP: 404, there is no such record.
        SyntaxError: the form style is unknown, or a name is no field of the table.
    """

    formstyles: ClassVar[Storage] = FORMSTYLES
    widgets: ClassVar[Storage] = WIDGETS
    FIELDNAME_REQUEST_DELETE = "delete_this_record"
    FIELDKEY_DELETE_RECORD = "delete_record"
    ID_LABEL_SUFFIX = "__label"
    ID_ROW_SUFFIX = "__row"

    factory: ClassVar[Callable[..., SQLFORM]]
    dictform: ClassVar[Callable[..., SQLFORM]]
    smartdictform: ClassVar[Callable[..., SQLFORM]]
    grid: ClassVar[Callable[..., Any]]
    smartgrid: ClassVar[Callable[..., Any]]
    build_query: ClassVar[Callable[..., Any]]
    search_menu: ClassVar[Callable[..., Any]]

    _waiting: bool = False
    _components: list[Any]
    _custom: Storage
    sent_names: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    new_files: frozenset[str] = frozenset()

    def __init__(
        self,
        table: Any,
        record: Any = None,
        deletable: bool = False,
        linkto: Any = None,
        upload: Any = None,
        fields: Iterable[str] | None = None,
        labels: dict[str, Any] | None = None,
        col3: dict[str, Any] | None = None,
        submit_button: Any = "Submit",
        delete_label: Any = "Check to delete",
        showid: bool = True,
        readonly: bool = False,
        comments: bool = True,
        keepopts: Any = (),
        ignore_rw: bool = False,
        record_id: Any = None,
        formstyle: Any = None,
        buttons: Any = ("submit",),
        separator: Any = None,
        extra_fields: Iterable[Any] | None = None,
        native_inputs: bool = False,
        **attributes: Any,
    ) -> None:
        super().__init__(**attributes)
        response = getattr(current, "response", None) or Storage()
        self.table, self.upload, self.linkto = table, upload, linkto
        self.labels, self.col3, self.comments = labels or {}, col3 or {}, comments
        self.readonly, self.ignore_rw, self.showid = readonly, ignore_rw, showid
        self.submit_button = submit_button
        self.delete_label = delete_label
        if separator is None:
            separator = response.get("form_label_separator")
        self.separator = ": " if separator is None else separator
        self.native_widgets: dict[str, Any] = NATIVE if native_inputs or response.get("native_inputs") else {}
        self.record, self.record_id = self._find(record)
        self.deletable = deletable and self.record is not None and not readonly
        self.conflicts: Storage = Storage()
        self.detect_record_change: Any = None
        self.deleted = False
        self.reload_record = False
        self.extra_fields: list[Any] = []
        if extra_fields:
            extra = table_of(extra_fields, table._tablename)
            self.extra_fields = [field for field in extra if field.type != "id"]
        self.fields = list(fields) if fields is not None else self._visible_fields()
        self._formstyle = self._style(formstyle, response)
        self._buttons = buttons
        self.editable: list[str] = []
        self.controls: dict[str, Any] = {}
        self._shown = self._make_controls()
        self._waiting = True

    # -- building -----------------------------------------------------------------------------------

    def _find(self, record: Any) -> tuple[Any, Any]:
        """Return the record and its number.

        Raises:
            HTTP: 404.
        """
        table = self.table
        if record is None or record == "":
            return None, None
        if isinstance(record, (int, str)) or not hasattr(record, "keys"):
            record = self._look_up(record)
        elif isinstance(record, dict):
            record = table(**record)
        if record is None:
            raise HTTP(404, "Object not found")
        number = id_name(table)
        return record, identity.text_of(identity.key_of(table), record) if number is None else record[number]

    def _look_up(self, number: Any) -> Any:
        """Return the record of a number, or of what stands for its key in addresses, if there is one."""
        table = self.table
        if id_name(table):
            return table(number)
        key = identity.key_of(table)
        try:
            return table(identity.query_of(key, identity.values_of(key, number)))
        except ValueError:
            return None

    @property
    def identity(self) -> Any:
        """The record's number, or the dictionary of its key; None for a new one."""
        if self.record is None or id_name(self.table):
            return self.record_id
        return {field.name: self.record[field.name] for field in identity.key_of(self.table)}

    @property
    def record_query(self) -> Any:
        """The query for the record of the form."""
        return identity.query_of(identity.key_of(self.table), self.record)

    def _visible_fields(self) -> list[str]:
        """Return the fields that are shown when none are named."""
        table, every = self.table, self.ignore_rw
        if self.readonly:
            names = [f.name for f in table if every or f.readable]
            return names + [f.name for f in table._virtual_fields if f.readable]
        if self.record is None:
            return [f.name for f in table if (every or f.writable) and not f.compute]
        return [f.name for f in table if every or f.writable or f.readable]

    def _make_controls(self) -> list[tuple[Any, Any]]:
        """Make the controls, and return the fields that are shown with their values."""
        table = self.table
        number = id_name(table)
        names = table.fields
        shown: list[tuple[Any, Any]] = []
        for name in self.fields:
            if number and name in ("id", number):
                continue
            if name not in names and not hasattr(table, name):
                raise SyntaxError(f"table {table} has no field {name!r} for the form")
            field = table[name]
            if self.ignore_rw or field.readable or field.writable:
                shown.append((field, self._start_value(field)))
        shown += [(field, initial(field)) for field in self.extra_fields]
        if not self.readonly:
            for field, value in shown:
                if not (self.ignore_rw or field.writable) or getattr(field, "compute", None):
                    continue
                self.controls[field.name] = layout.control_for(self, field, value)
                if field.name in names:
                    self.editable.append(field.name)
        return shown

    # Most accepted forms lead to another page: rows, labels and comments are made when somebody looks.

    @property
    def components(self) -> list[Any]:
        """The content: one element with all rows, made by the form style."""
        if self._waiting:
            self._lay_out()
        return self._components

    @components.setter
    def components(self, components: list[Any]) -> None:
        self._components = components

    @property
    def custom(self) -> Storage:
        """The parts, for pages that lay the form out by hand: `begin`, `end`, `submit`, `delete`, and by
        name of field `label`, `widget`, `comment`, `inpval`, `dspval`, `linkto`.
        """
        if self._waiting:
            self._lay_out()
        return self._custom

    def _lay_out(self) -> None:
        self._waiting = False
        self._custom = Storage({name: Storage() for name in _PARTS})
        self._custom.begin, self._custom.end = _Begin(self), _End(self)
        self._custom.delete = self._custom.deletable = self._custom.submit = ""
        self.append(styles.arrange(self._formstyle, self, self._rows()))

    def _rows(self) -> list[styles.FormRow]:
        number = id_name(self.table)
        rows: list[styles.FormRow | None] = [layout.field_row(self, *shown) for shown in self._shown]
        numbered = self.record is not None and number is not None and self.showid
        if numbered and (self.ignore_rw or self.table._id.readable) and {"id", number} & set(self.fields):
            rows.insert(0, layout.id_row(self))
        rows.extend(layout.link_rows(self))
        if self.deletable:
            rows.append(layout.delete_row(self))
        if not self.readonly:
            rows.append(layout.submit_row(self, self._buttons))
        return [row for row in rows if row is not None]

    def xml(self) -> str:
        style, fields = self._formstyle, [field for field, _ in self._shown]
        untouched = self._waiting and not self._components and self.record is None
        placed = untouched and isinstance(style, styles.Placing)
        if not placed or not all(field.name in self.controls for field in fields):
            return super().xml()
        self._postprocessing()
        rows = style.text(layout.text_of(self, fields, self._buttons))
        hidden = self.hidden_fields().xml() if self["hidden"] else layout.hidden_text(self._marks())
        return f"<form{self._attributes_text()}>{rows}{hidden}</form>"

    def _parts(self) -> list[DIV]:
        if not self._waiting or not self._says_nothing_else():
            return super()._parts()
        found: list[DIV] = []
        for control in (*self.controls.values(), *self._buttons):
            if isinstance(control, DIV):
                found.append(control)
                found += control._descendants()
        return found

    def _says_nothing_else(self) -> bool:
        """Tell that only controls and buttons can have a say: no captcha lies in a comment or style."""
        if self._formstyle not in _OWN_STYLES:
            return False
        fields = [field for field, _ in self._shown]
        texts = [field.comment for field in fields] + [field.label for field in fields]
        return not any(isinstance(text, DIV) for text in (*texts, *self.labels.values(), *self.col3.values()))

    def _start_value(self, field: Any) -> Any:
        if self.record is None:
            return initial(field)
        name = field.name
        return self.record[name] if name in self.record or name not in self.table.fields else None

    def _style(self, formstyle: Any, response: Any) -> Any:
        formstyle = formstyle or response.get("formstyle") or "table3cols"
        if isinstance(formstyle, str):
            found = self.formstyles.get(formstyle) or _ALIASES.get(formstyle)
            if found is None:
                known = ", ".join(sorted(self.formstyles))
                raise SyntaxError(f"there is no form style {formstyle!r}: there are {known}")
            return found
        return formstyle

    # -- reading and writing ------------------------------------------------------------------------

    def accepts(
        self,
        request_vars: Any,
        session: Any = None,
        formname: Any = "%(tablename)s/%(record_id)s",
        keepvalues: bool | None = None,
        onvalidation: Any = None,
        hideerror: bool = False,
        dbio: bool = True,
        detect_record_change: Any = None,
        **kwargs: Any,
    ) -> bool:
        """Read what was sent and write it to the database; tell whether that went well (see `FORM.accepts`).

        Args:
            keepvalues: None (default) keeps the values of an existing record.
            dbio: False validates only.
            detect_record_change: see the class.
        """
        if formname:
            formname = str(formname) % {
                "tablename": self.table._tablename,
                "record_id": self.record_id or "create",
            }
        dbio = dbio and self.table._db._uri is not None
        if keepvalues is None:
            keepvalues = self.record is not None
        self.detect_record_change = detect_record_change
        return super().accepts(
            request_vars, session, formname, keepvalues, onvalidation, hideerror, dbio=dbio, **kwargs
        )

    def _settle(self, status: bool, onvalidation: Any, dbio: bool = True, **kwargs: Any) -> bool:
        sent = self.request_vars
        if self.readonly:
            return False
        if self.record is not None and "id" in sent and str(sent.get("id")) != str(self.record_id):
            self.refused = True  # the number was swapped: nothing of this can be trusted
            return False
        deleting = self.deletable and bool(sent.get(self.FIELDNAME_REQUEST_DELETE))
        if deleting:
            self.errors.clear()
        values = field_values(self)
        self.vars.update(values)
        before = dict(self.vars)
        if deleting:  # for functions of the application, and for what follows
            self.vars[self.FIELDNAME_REQUEST_DELETE] = sent[self.FIELDNAME_REQUEST_DELETE]
        call_onvalidation(self, onvalidation)
        if self.errors:
            return False
        if deleting:
            self.deleted = not dbio or saving.delete(self, before, self.detect_record_change)
            return self._with_report(self.deleted)
        keep_files(self)
        done = False
        try:
            done = self._write(before, dbio)
        finally:
            if not done:
                drop_files(self)
        return self._with_report(done)

    def _write(self, before: dict[str, Any], dbio: bool) -> bool:
        """Write the values; `before` are those the visitor sent, the others were set by the application."""
        table = self.table
        number = id_name(table)
        names = [name for name in table.fields if name in self.vars and name != number]
        if self.record is not None:
            keys = getattr(table, "_primarykey", None) or ()
            names = [name for name in names if name in self.sent_names or name not in self.editable]
            names = [name for name in names if name not in keys or name in self.editable]
        values = {name: self.vars[name] for name in names}
        if self.record is None:
            if dbio:
                return saving.insert(self, {n: v for n, v in values.items() if n not in self.left_out})
            return True
        by_application = {
            name for name in names if name not in self.editable or before.get(name) is not self.vars[name]
        } - self.new_files
        self.vars[number or "id"] = self.record_id
        if dbio:
            return saving.update(self, values, by_application, self.detect_record_change)
        if self.detect_record_change and conflicts.stale(self, self.record, self.detect_record_change):
            self.record_changed = True
            return False
        self.record_changed = False
        return True

    def _with_report(self, done: bool) -> bool:
        if self.record_changed:
            self.insert(0, conflicts.report(self))
        return done

    def conflict_report(self) -> Any:
        """Return what shows both values of each conflict, for forms laid out by hand (OCC-08)."""
        return conflicts.report(self)

    def hidden_fields(self) -> Any:
        fields = super().hidden_fields()
        if self.record is None or self.readonly:
            return fields
        if id_name(self.table):
            fields.append(INPUT(_type="hidden", _name="id", _value=self.record_id))
        if self.reload_record:
            self.reload_record = False
            self.record = saving.current_record(self, lock=False) or self.record
        shown = conflicts.describe(self, self.editable, self.detect_record_change)
        fields.append(INPUT(_type="hidden", _name=conflicts.SHOWN, _value=shown))
        return fields


_OWN_STYLES = frozenset(FORMSTYLES.values())
"""Form styles that add nothing to label, control and comment."""

_PARTS = ("dspval", "inpval", "label", "comment", "widget", "linkto")


class _Begin(CAT):
    """The opening tag of a form that a view lays out by hand; written when the view asks."""

    _plain = False

    def __init__(self, form: FORM) -> None:
        super().__init__()
        self.form = form

    def xml(self) -> str:
        return self.form.begin_end()[0].xml()


class _End(_Begin):
    """The hidden fields and the closing tag."""

    def xml(self) -> str:
        return self.form.begin_end()[1].xml()


_ALIASES = {
    "bootstrap3": bootstrap.bootstrap3_inline,
    "bootstrap4": bootstrap.bootstrap4_inline,
    "bootstrap5": bootstrap.bootstrap5_stacked,
}
