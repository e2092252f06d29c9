"""The pages of one record in a grid: new, view, edit, delete."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from runtime.forms.deleting import SHOWN, ask, delete_as_seen, page, seen_fields
from runtime.forms.grid import columns
from runtime.forms.grid.address import DELETE, DOWNLOAD, EDIT, NEW, VIEW, Address, Wanted
from runtime.forms.grid.buttons import button, granted
from runtime.forms.grid.options import GridOptions
from runtime.forms.identity import query_of, simple, text_of
from runtime.forms.speech import CHANGED_DELETE, say
from runtime.forms.sqlform import SQLFORM
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.html import DIV, P

if TYPE_CHECKING:
    from runtime.forms.grid.grid import Grid, Source


class RecordPages:
    """Makes the page of one record.

    Args:
        source: the records of the grid.
        options: of the grid.
        address: makes addresses.
    """

    def __init__(self, source: Source, options: GridOptions, address: Address) -> None:
        self.source, self.options, self.address = source, options, address

    def fill(self, made: Grid, wanted: Wanted) -> None:
        """Put the page that is asked for into `made`.

        Raises:
            HTTP: 404: there is no such table or record in the grid, or what is asked for is not allowed
                there; 303: it is done, the list is next.
        """
        tables = {table._tablename: table for table in self.source.tables}
        table = tables.get(wanted.table)
        if table is None:
            raise HTTP(404, say("There is no such page."))
        if wanted.action == NEW:
            self._new(made, table)
            return
        if wanted.action == DOWNLOAD:
            current.response.download(current.request, self.source.db)  # raises the answer
        record = self.source.record(table, wanted.record)
        if record is None:
            raise HTTP(404, say("There is no such record."))
        permission = {VIEW: self.options.details, EDIT: self.options.editable, DELETE: self.options.deletable}
        if not granted(permission[wanted.action], record):
            self._refuse()
        {VIEW: self._view, EDIT: self._edit, DELETE: self._delete}[wanted.action](made, table, record)

    def _refuse(self) -> None:
        current.session.flash = say("not authorized")
        redirect(self.back(), client_side=bool(current.request.ajax))

    def back(self) -> str:
        """Return the address of the list as the visitor left it."""
        return self.address.to(variables={"_formkey": None, "_formname": None})

    # pages

    def _new(self, made: Grid, table: Any) -> None:
        if not granted(self.options.create):
            self._refuse()
        options = {**self._form_options(), **dict(self.options.createargs)}
        form = SQLFORM(table, **options)
        made.create_form = form
        form.process(
            next=self.back(),
            onvalidation=self.options.onvalidation,
            onfailure=self.options.onfailure or "flash",
            onsuccess=self.options.oncreate or "flash",
            formname=self.options.formname,
        )
        made.append(self._console())
        made.append(form)

    def _view(self, made: Grid, table: Any, record: Any) -> None:
        options = {**self._form_options(), **dict(self.options.viewargs)}
        form = SQLFORM(table, record, readonly=True, upload=self.upload(), **options)
        made.view_form = form
        made.append(self._console(record, table))
        made.append(form)

    def _edit(self, made: Grid, table: Any, record: Any) -> None:
        may_delete = granted(self.options.deletable, record)
        options = {**self._form_options(), **dict(self.options.editargs)}
        options.setdefault("deletable", may_delete)
        options.setdefault("delete_label", say("Check to delete"))
        form = SQLFORM(table, record, upload=self.upload(), **options)
        made.update_form = form
        number = simple(self.source.key_in(table), record)

        def changed(done: Any) -> None:
            if done.vars.get("delete_this_record") and self.options.ondelete:
                self.options.ondelete(table, number)
            elif self.options.onupdate:
                for function in _each(self.options.onupdate):
                    function(done)
            current.session.flash = say("Success!")

        form.process(
            next=self.back(),
            onvalidation=self.options.onvalidation,
            onfailure=self.options.onfailure or "flash",
            onsuccess=changed,
            formname=self.options.formname,
        )
        made.append(self._console(record, table))
        made.append(form)

    def _delete(self, made: Grid, table: Any, record: Any) -> None:
        """Delete at once what was asked for in the background; else ask on a page of its own."""
        request = current.request
        key = self.source.key_in(table)
        if request.ajax and request.method == "POST" and self.address.signed:
            fields = self.listed_fields(table)
            fine = self._delete_record(table, record, fields, request.get_vars.get(SHOWN))
            answer = HTTP(200, "")
            answer.headers.update(
                self._after_deleting() if fine else self._ask_again(table, text_of(key, record))
            )
            raise answer
        fields = seen_fields(field for field in table if field.readable or self.options.ignore_rw)
        form = ask(fields, record, {say("Cancel"): self.back()})
        refused = form.accepted and not self._delete_record(
            table, record, fields, request.post_vars.get(SHOWN)
        )
        if form.accepted and not refused:
            current.session.flash = say("The record was deleted.")
            redirect(self.back(), client_side=bool(request.ajax))
        made.append(P(say("Delete this record?"), _class="web2py_question"))
        made.append(DIV(SQLFORM(table, record, readonly=True, showid=True), _class="web2py_record"))
        made.append(page(form, refused))

    def listed_fields(self, table: Any) -> list[Any]:
        """Return the fields of a table that the list shows."""
        shown, _ = columns.columns_of(self.source.tables, self.options)
        return seen_fields(
            field
            for field in shown
            if not columns.is_virtual(field) and getattr(field, "tablename", None) == table._tablename
        )

    def _ask_again(self, table: Any, number: str) -> dict[str, str]:
        """Let the browser show the record as it is by now, with the question."""
        current.session.flash = say(CHANGED_DELETE)
        return {"web2py-redirect-location": self.address.to(DELETE, table._tablename, number)}

    def _after_deleting(self) -> dict[str, str]:
        if self.options.client_side_delete:
            return {}
        current.session.flash = say("The record was deleted.")
        return {"web2py-redirect-location": self.back()}

    def _delete_record(self, table: Any, record: Any, fields: list[Any], seen: Any) -> bool:
        """Delete a record unless it is another one than was seen; tell whether it is gone."""
        key = self.source.key_in(table)

        def tell() -> None:
            if self.options.ondelete:
                self.options.ondelete(table, simple(key, record))

        return delete_as_seen(query_of(key, record), fields, seen, tell)

    # parts

    def _form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"ignore_rw": self.options.ignore_rw, "_class": "web2py_form"}
        if self.options.formstyle is not None:
            options["formstyle"] = self.options.formstyle
        options.update(self.options.formargs)
        return options

    def upload(self) -> Any:
        """Return what leads to an uploaded file: a function of its name, or the address before it."""
        if self.options.upload == "<default>":
            return partial(self.address.to, DOWNLOAD)
        return self.options.upload

    def _console(self, record: Any = None, table: Any = None) -> Any:
        """Return the buttons above the form of a record."""
        buttons = [button(self.options, "buttonback", "Back", self.back())]
        if record is not None and table is not None:
            number = text_of(self.source.key_in(table), record)
            action = self.address.wanted().action
            if action != EDIT and granted(self.options.editable, record):
                target = self.address.to(EDIT, table._tablename, number)
                buttons.append(button(self.options, "buttonedit", "Edit", target))
            if action != VIEW and granted(self.options.details, record):
                target = self.address.to(VIEW, table._tablename, number)
                buttons.append(button(self.options, "buttontable", "View", target))
            for link in self.options.links or ():
                buttons.append(link["body"](record) if isinstance(link, dict) else link(record))
        styles = self.options.styles
        classes = f"row_buttons form_header {styles.get('header')} {styles.get('cornertop')}"
        return DIV(*buttons, _class=" ".join(classes.split()))


def _each(functions: Any) -> Any:
    return functions if isinstance(functions, (list, tuple)) else (functions,)
