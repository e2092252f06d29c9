"""`Crud`: pages that create, read, update, delete, list and search the records of any table.

The older way, beside `SQLFORM` and its grid; many applications are written with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import and_
from typing import Any

from runtime.forms import FORM, SQLFORM, SQLTABLE
from runtime.forms.deleting import SHOWN, ask, delete_as_seen, page, seen_fields
from runtime.forms.identity import key_of, query_of, text_of, values_of
from runtime.forms.outcome import call_all, fill_address
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.foundation.storage import Messages, Settings, StorageList
from runtime.html import INPUT, OPTION, SELECT, TABLE, TD, TR, UL, A
from runtime.routing import URL
from runtime.tools.crud_search import SEARCH, UNSEARCHED, conditions_of

_ACTIONS = ("tables", "create", "read", "update", "delete", "select", "search")


class _Default:
    """Stands for an argument that was not given; None has a meaning of its own."""


DEFAULT: Any = _Default()


class Crud:
    """Pages for the tables of a database.

    Args:
        environment: the database; or, the older spelling, ``globals()`` with the database after it.
        db: the database of the older spelling.
        controller: of the addresses made here; the running one otherwise.

    Attributes:
        settings: see `_default_settings`.
        messages: texts shown.
    """

    def __init__(self, environment: Any, db: Any = None, controller: str = "default") -> None:
        self.db = environment if db is None and hasattr(environment, "define_table") else db
        if self.db is None:
            raise TypeError("Crud needs the database: Crud(db)")
        self.settings = Settings()
        self.messages = Messages(current.T if hasattr(current, "T") else str)
        _default_settings(self.settings)
        self.messages.submit_button = "Submit"
        self.messages.delete_label = "Check to delete"
        self.messages.record_created = "Record Created"
        self.messages.record_updated = "Record Updated"
        self.messages.record_deleted = "Record Deleted"
        self.messages.update_log = "Record %(id)s updated"
        self.messages.create_log = "Record %(id)s created"
        self.messages.read_log = "Record %(id)s read"
        self.messages.delete_log = "Record %(id)s deleted"
        self.messages.lock_keys = True
        self.settings.lock_keys = True

    def __call__(self) -> Any:
        """Return the page that the address names: ``tables``, ``create/TABLE``, ``update/TABLE/ID`` ...

        Raises:
            HTTP: 404: there is no such page, table or record; 403: the visitor may not.
        """
        args = current.request.args
        if not args:
            return self.tables()
        action = str(args[0])
        if action not in _ACTIONS:
            raise HTTP(404)
        if action == "tables":
            return self.tables()
        if len(args) < 2 or str(args[1]) not in self.db.tables:
            raise HTTP(404)
        table = self.db[str(args[1])]
        if action == "create":
            return self.create(table)
        if action == "select":
            return self.select(table, linkto=self.url(args="read"))
        if action == "search":
            form, rows = self.search(table)
            return FORM(form, SQLTABLE(rows)) if rows is not None else form
        if len(args) < 3:
            raise HTTP(404)
        page: Callable[..., Any] = getattr(self, action)
        return page(table, args[2])

    # rights and records of what was done

    def has_permission(self, name: str, table: Any, record: Any = 0) -> bool:
        """Tell whether the visitor may; everybody may where ``settings.auth`` is not set.

        Args:
            name: ``create``, ``read``, ``update``, ``delete``, ``select``.
        """
        auth = self.settings.auth
        if not auth:
            return True
        number = getattr(record, "id", record)
        return bool(auth.has_permission(name, str(table), number or 0))

    def _require(self, name: str, table: Any, record: Any = 0) -> None:
        if not self.has_permission(name, table, record):
            url = getattr(getattr(self.settings.auth, "settings", None), "on_failed_authorization", None)
            if url:
                redirect(url)
            raise HTTP(403)

    def log_event(self, message: str, values: Any) -> None:
        """Write an event where ``settings.logger`` says."""
        if self.settings.logger:
            self.settings.logger.log_event(message, values, origin="crud")

    def url(self, f: Any = None, args: Any = None, vars: Any = None) -> str:
        """Return an address of the running action, with these arguments."""
        return URL(f=f or current.request.function, args=args, vars=vars)

    @staticmethod
    def archive(form: Any, archive_table: Any = None, current_record: str = "current_record") -> Any:
        """Keep the record of `form` as it was before its change; use it as ``onvalidation`` or ``onaccept``.

        Args:
            archive_table: default the table's name with ``_archive``.
            current_record: field of it that refers to the record.
        """
        old = form.record
        if not old:
            return None
        table = (
            archive_table if archive_table is not None else form.table._db[f"{form.table._tablename}_archive"]
        )
        values = {name: old[name] for name in table.fields if name in old and name != "id"}
        values[current_record] = old.id
        return table.insert(**values)

    # pages

    def tables(self) -> Any:
        """Return the list of the tables."""
        return UL(*(A(name, _href=self.url(args=("select", name))) for name in self.db.tables))

    def create(
        self,
        table: Any,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
        message: Any = DEFAULT,
        formname: Any = DEFAULT,
        **attributes: Any,
    ) -> Any:
        """Return the form of a new record; see `update`."""
        settings, messages = self.settings, self.messages
        return self.update(
            table,
            None,
            next=settings.create_next if next is DEFAULT else next,
            onvalidation=settings.create_onvalidation if onvalidation is DEFAULT else onvalidation,
            onaccept=settings.create_onaccept if onaccept is DEFAULT else onaccept,
            log=messages.create_log if log is DEFAULT else log,
            message=messages.record_created if message is DEFAULT else message,
            deletable=False,
            formname=formname,
            **attributes,
        )

    def update(
        self,
        table: Any,
        record: Any,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        ondelete: Any = DEFAULT,
        log: Any = DEFAULT,
        message: Any = DEFAULT,
        deletable: Any = DEFAULT,
        formname: Any = DEFAULT,
        **attributes: Any,
    ) -> Any:
        """Return the form of a record, processed.

        Args:
            table: the table, or its name.
            record: record, its id, or what stands for its key in addresses; None for a new one.
            next: address after success; ``[id]`` in it is the record's number. The bare name of an action, as
                ``'index'`` or ``'show/[id]'``, leads to that of the running controller.
            onvalidation, onaccept, ondelete: functions of the form; dictionaries give them by table.
            log: event that is recorded.
            message: shown after success.
            deletable: the form has a box to delete the record.
            formname: tells several forms of a page apart.
            attributes: of `SQLFORM`.

        Raises:
            HTTP: 303 to `next`, 403, or 404.
        """
        settings, messages = self.settings, self.messages
        table = self._table(table)
        record = self._record(table, record)
        self._require("update" if record else "create", table, record or 0)
        next = settings.update_next if next is DEFAULT else next
        deletable = settings.update_deletable if deletable is DEFAULT else deletable
        form = SQLFORM(
            table,
            record,
            hidden=attributes.pop("hidden", None),
            deletable=deletable and bool(record) and self.has_permission("delete", table, record),
            delete_label=messages.delete_label,
            submit_button=messages.submit_button,
            showid=settings.showid,
            upload=settings.download_url,
            formstyle=attributes.pop("formstyle", None) or settings.formstyle,
            **attributes,
        )
        self._add_captcha(form, record)
        accepted = form.accepts(
            current.request,
            None if current.request.extension not in ("html", "load", None) else current.session,
            formname=f"{table._tablename}/{form.record_id}" if formname is DEFAULT else formname,
            onvalidation=_of(
                settings.update_onvalidation if onvalidation is DEFAULT else onvalidation, table
            ),
            keepvalues=settings.keepvalues,
            hideerror=settings.hideerror,
            detect_record_change=settings.detect_record_change,
        )
        if accepted:
            self._accepted(form, table, record, next, onaccept, ondelete, log, message)
        elif form.errors and current.request.extension not in ("html", "load", None):
            raise HTTP(400, str(form.errors))
        return form

    def _add_captcha(self, form: Any, record: Any) -> None:
        specific = self.settings.update_captcha if record else self.settings.create_captcha
        captcha = specific if specific is not None else self.settings.captcha
        if captcha:
            submit = form.element("input[type=submit]")
            target = submit.parent if submit is not None and submit.parent is not None else form
            target.insert(0, captcha)

    def _accepted(
        self,
        form: Any,
        table: Any,
        record: Any,
        next: Any,
        onaccept: Any,
        ondelete: Any,
        log: Any,
        message: Any,
    ) -> None:
        settings, messages = self.settings, self.messages
        deleted = bool(form.vars.get("delete_this_record"))
        if deleted:
            message = messages.record_deleted
            call_all(_of(settings.delete_onaccept if ondelete is DEFAULT else ondelete, table), form)
            log = messages.delete_log
        else:
            call_all(_of(settings.update_onaccept if onaccept is DEFAULT else onaccept, table), form)
            message = messages.record_updated if message is DEFAULT else message
            log = messages.update_log if log is DEFAULT else log
        if log:
            self.log_event(str(log), form.vars)
        if current.request.extension not in ("html", "load", None):
            raise HTTP(200, "RECORD CREATED/UPDATED")
        if not next:
            current.response.flash = message
            return
        current.session.flash = message
        address = next(form) if callable(next) else next[0] if isinstance(next, (list, tuple)) else next
        redirect(fill_address(address, form.vars), client_side=settings.client_side_redirect)

    def read(self, table: Any, record: Any) -> Any:
        """Return a record to look at; its fields as a dictionary where no page is wanted.

        Raises:
            HTTP: 403 or 404.
        """
        table = self._table(table)
        found = self._record(table, record)
        self._require("read", table, found)
        form = SQLFORM(
            table, found, readonly=True, comments=False, upload=self.settings.download_url,
            showid=self.settings.showid, formstyle=self.settings.formstyle,
        )  # fmt: skip
        if current.request.extension not in ("html", "load", None):
            return table._filter_fields(form.record, allow_id=True)
        return form

    def delete(self, table: Any, record_id: Any, next: Any = DEFAULT, message: Any = DEFAULT) -> Any:
        """Delete a record after a question, then go on.

        A request that only reads must change nothing, so the address alone shows a form of one button.

        Raises:
            HTTP: 303 to `next`, 403, or 404.
        """
        settings = self.settings
        table = self._table(table)
        record = self._record(table, record_id)
        self._require("delete", table, record)
        fields = seen_fields(field for field in table if field.readable)
        form = ask(fields, record)
        if not form.accepted:
            return form
        seen = current.request.post_vars.get(SHOWN)
        validate = partial(call_all, _of(settings.delete_onvalidation, table), record)
        key = key_of(table)
        if not delete_as_seen(query_of(key, record), fields, seen, validate):
            return page(form, refused=True)
        call_all(_of(settings.delete_onaccept, table), record)
        gone = {"id": text_of(key, record)}
        self.log_event(str(self.messages.delete_log), gone)
        current.session.flash = self.messages.record_deleted if message is DEFAULT else message
        address = settings.delete_next if next is DEFAULT else next
        return redirect(fill_address(address or URL(args=("select", table._tablename)), gone))

    def rows(
        self, table: Any, query: Any = None, fields: Any = None, orderby: Any = None, limitby: Any = None
    ) -> Any:
        """Return records of a table that the visitor may see.

        Raises:
            HTTP: 403 or 404.
        """
        table = self._table(table)
        self._require("select", table)
        query = _all_of(table) if query is None else query
        of_table = f"{table._tablename}."
        named = [name.removeprefix(of_table) if isinstance(name, str) else name for name in fields or ()]
        wanted = [table[name] if isinstance(name, str) else name for name in named] or [table.ALL]
        options = {"orderby": orderby, "limitby": limitby}
        return table._db(query).select(*wanted, **{name: value for name, value in options.items() if value})

    def select(
        self,
        table: Any,
        query: Any = None,
        fields: Any = None,
        orderby: Any = None,
        limitby: Any = None,
        headers: Any = None,
        **attributes: Any,
    ) -> Any:
        """Return the records of a table as `SQLTABLE`; None when there are none."""
        attributes.setdefault("upload", self.settings.download_url)
        rows = self.rows(table, query, fields, orderby, limitby)
        if not rows:
            return None
        if current.request.extension not in ("html", "load", None):
            return rows.as_list()
        return SQLTABLE(rows, headers=headers or {}, orderby=orderby, **attributes)

    def search(self, *tables: Any, **options: Any) -> tuple[Any, Any]:
        """Return a form of conditions on the fields of `tables`, and the records that meet them, None before.

        Args:
            tables: the first is searched, the others are joined by `query`.
            options: ``query``, ``fields`` (names that can be searched), ``field_labels``, ``queries``
                (names of `SEARCH`), ``query_labels``, ``zero`` (text of no choice), ``showall``, ``chkall``.

        Raises:
            HTTP: 403.
        """
        table = self._table(tables[0])
        self._require("select", table)
        names = options.get("fields") or [
            field.name for field in table if field.readable and str(field.type) not in UNSEARCHED
        ]
        form = self._search_form(table, names, options)
        if not (form.accepts(current.request, formname="search") or options.get("showall")):
            return form, None
        conditions = conditions_of(table, names, form.vars)
        base = options.get("query")
        if base is not None:
            conditions.append(base)
        query = reduce(and_, conditions) if conditions else _all_of(table)
        shown = [table[name] for name in names if form.vars.get(f"chk{name}") or options.get("chkall")]
        return form, table._db(query).select(*(shown or [table.ALL]), *(each.ALL for each in tables[1:]))

    def _search_form(self, table: Any, names: Sequence[str], options: dict[str, Any]) -> Any:
        labels, texts = options.get("field_labels") or {}, options.get("query_labels") or {}
        chosen = options.get("queries") or list(SEARCH)
        lines = []
        for name in names:
            label = labels.get(name, table[name].label)
            choices = [OPTION(options.get("zero", ""), _value="")]
            choices += [OPTION(say(texts.get(one, SEARCH[one][0])), _value=one) for one in chosen]
            lines.append(
                TR(
                    TD(INPUT(_type="checkbox", _name=f"chk{name}", value=bool(options.get("chkall")))),
                    TD(label),
                    TD(SELECT(*choices, _name=f"cond{name}", **{"_aria-label": label})),
                    TD(INPUT(_type="text", _name=f"txt{name}", **{"_aria-label": label})),
                )
            )
        return FORM(TABLE(*lines), INPUT(_type="submit", _value=say("Search")))

    # parts

    def _table(self, table: Any) -> Any:
        if isinstance(table, str):
            if table not in self.db.tables:
                raise HTTP(404)
            return self.db[table]
        return table

    @staticmethod
    def _record(table: Any, record: Any) -> Any:
        if record in (None, "", 0):
            return None
        if hasattr(record, "update_record") or (hasattr(record, "keys") and not isinstance(record, dict)):
            return record
        key = key_of(table)
        try:
            found = table(query_of(key, record if isinstance(record, dict) else values_of(key, record)))
        except (KeyError, ValueError, OverflowError):
            found = None
        if found is None:
            raise HTTP(404)
        return found


def _all_of(table: Any) -> Any:
    return key_of(table)[0] != None  # noqa: E711  # becomes SQL


def _of(given: Any, table: Any) -> Any:
    """Return the functions meant for `table`: a dictionary-like setting gives them by its name."""
    if isinstance(given, dict):
        return given.get(table._tablename, [])
    return given


def _default_settings(settings: Any) -> None:
    """Set what applications change: addresses after success, functions, look, and who may what."""
    settings.auth = None
    settings.logger = None
    settings.create_next = settings.update_next = settings.delete_next = None
    settings.controller = "default"
    settings.download_url = URL("download") if getattr(current, "request", None) is not None else None
    for moment in ("onvalidation", "onaccept"):
        for action in ("create", "update", "delete"):
            settings[f"{action}_{moment}"] = StorageList()  # lists of functions by name of the table
    settings.update_deletable = True
    settings.showid = False
    settings.keepvalues = False
    settings.create_captcha = settings.update_captcha = settings.captcha = None
    settings.formstyle = "table3cols"
    settings.label_separator = ": "
    settings.hideerror = False
    settings.detect_record_change = True
    settings.hmac_key = None
    settings.client_side_redirect = False
