"""The tables of users and rights, with the documented fields: existing databases need no migration."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from runtime.dal import Field
from runtime.dal.field import later
from runtime.dal.validators import (
    CRYPT,
    IS_EMAIL,
    IS_IN_DB,
    IS_INT_IN_RANGE,
    IS_LOWER,
    IS_MATCH,
    IS_NOT_EMPTY,
    IS_NOT_IN_DB,
)
from runtime.foundation.current import current
from runtime.tools.auth.base import AuthBase, new_uuid

_USER_NAME = r"[\w\.\-]+"


class AuthTables(AuthBase):
    """Defines tables; see `Auth`."""

    _signature: Any
    _wants_signature: bool

    @property
    def signature(self) -> Any:
        """The fields ``is_active``, ``created_on``, ``created_by``, ``modified_on``, ``modified_by``.

        Put it among the fields of a table; made when it is first read.
        """
        if self._signature is None and self._wants_signature:
            self.define_signature()
        return self._signature

    @signature.setter
    def signature(self, value: Any) -> None:
        self._signature = value

    def define_signature(self) -> None:
        """Make `signature` anew."""
        db, T = self.db, current.T
        reference = f"reference {self.settings.table_user_name}"
        request = current.request

        def user_id(_auth: Any = self) -> Any:
            return _auth.user_id

        def now(_request: Any = request) -> Any:
            return _request.now

        def name_of(value: Any, row: Any = None) -> Any:
            return self._name_of(value)

        hidden = {"writable": False, "readable": False}
        self._signature = db.Table(
            db,
            "auth_signature",
            Field("is_active", "boolean", default=True, label=T("Is Active"), **hidden),
            Field("created_on", "datetime", default=now, label=T("Created On"), **hidden),
            Field(
                "created_by", reference, default=user_id, represent=name_of, label=T("Created By"), **hidden
            ),
            Field("modified_on", "datetime", default=now, update=now, label=T("Modified On"), **hidden),
            Field(
                "modified_by",
                reference,
                default=user_id,
                update=user_id,
                represent=name_of,
                label=T("Modified By"),
                **hidden,
            ),
        )

    def _name_of(self, user_id: Any) -> Any:
        """Return how a user is called in pages; asked once per user and request."""
        if not user_id:
            return current.T("unknown")
        known = self.__dict__.setdefault("_user_names", {})
        if user_id not in known:
            table = self.table_user()
            user = table(user_id)
            names = ("first_name", "last_name") if "first_name" in table.fields else (self._user_field(),)
            known[user_id] = " ".join(str(user[name] or "") for name in names).strip() if user else ""
        return known[user_id] or current.T("unknown")

    def define_tables(
        self,
        username: bool | None = None,
        signature: Any = None,
        enable_tokens: bool = False,
        migrate: Any = None,
        fake_migrate: bool | None = None,
    ) -> AuthTables:
        """Define the tables that are not there yet; a table of the application's own is left alone.

        Args:
            username: True adds the field ``username``, by which users then log in.
            signature: True adds the fields of `signature` to every table; a table or a list of
                them adds their fields.
            enable_tokens: True defines the table of tokens for programs.
            migrate: as for `define_table`; the database's own setting by default. A text is the
                beginning of the names of the files that remember the tables.
            fake_migrate: likewise.
        """
        db, settings = self.db, self.settings
        if username is None:
            username = settings.use_username
        else:
            settings.use_username = username
        settings.enable_tokens = settings.enable_tokens or enable_tokens
        options: dict[str, Any] = {}
        if fake_migrate is not None:
            options["fake_migrate"] = fake_migrate

        def define(kind: str, fields: Any, **more: Any) -> None:
            name = settings[f"table_{kind}_name"]
            if name not in db.tables:
                extra = settings.extra_fields.get(name, [])
                own = dict(options) | more
                if isinstance(migrate, str):
                    own["migrate"] = f"{migrate}{name}.table"
                elif migrate is not None:
                    own["migrate"] = migrate
                db.define_table(name, *fields(), *extra, *added, **own)
            settings[f"table_{kind}"] = db[name]

        added = self._added_fields(signature)
        with_name = bool(username or settings.cas_provider)
        shown = "%(username)s" if with_name else "%(first_name)s (%(id)s)"
        define("user", lambda: self._user_fields(with_name), format=shown)
        define("group", self._group_fields, format="%(role)s (%(id)s)")
        define("membership", self._membership_fields)
        define("permission", self._permission_fields)
        define("event", self._event_fields)
        define("cas", self._cas_fields)
        if settings.enable_tokens:
            define("token", self._token_fields)
        return self

    def _added_fields(self, signature: Any) -> list[Any]:
        if not signature:
            return []
        if signature is True:
            return [self.signature] if self.signature is not None else []
        return list(signature) if isinstance(signature, (list, tuple)) else [signature]

    # Labels and validators are made at the first use of a field: most requests only define the tables.

    def _user_fields(self, with_name: bool) -> list[Any]:
        passfield = self.settings.password_field
        fields = [
            _late("first_name", self._filled("first_name"), length=128, default=""),
            _late("last_name", self._filled("last_name"), length=128, default=""),
            _late("email", self._mail_options, length=512, default=""),
        ]
        if with_name:
            fields.append(_late("username", self._name_options, length=128, default=""))
        fields.append(_late(passfield, self._password_options, "password", length=512, readable=False))
        for name in ("registration_key", "reset_password_key", "registration_id"):
            fields.append(
                _late(
                    name,
                    self._labelled(name),
                    length=512,
                    default="",
                    writable=False,
                    readable=False,
                )
            )
        return fields

    def _filled(self, name: str) -> Callable[[], dict[str, Any]]:
        """Return the maker of options of a field that must not be empty."""

        def make() -> dict[str, Any]:
            rule = IS_NOT_EMPTY(error_message=self.messages.is_empty)
            return {"label": getattr(self.messages, f"label_{name}"), "requires": rule}

        return make

    def _labelled(self, name: str, **more: Any) -> Callable[[], dict[str, Any]]:
        return lambda: {"label": getattr(self.messages, f"label_{name}")} | more

    def _mail_options(self) -> dict[str, Any]:
        messages, name = self.messages, f"{self.settings.table_user_name}.email"
        rules: list[Any] = [
            IS_EMAIL(error_message=messages.invalid_email),
            IS_NOT_IN_DB(self.db, name, error_message=messages.email_taken),
        ]
        if not self.settings.email_case_sensitive:
            rules.insert(1, IS_LOWER())
        return {"label": messages.label_email, "requires": rules}

    def _name_options(self) -> dict[str, Any]:
        messages, name = self.messages, f"{self.settings.table_user_name}.username"
        rules: list[Any] = [
            IS_MATCH(_USER_NAME, strict=True, error_message=messages.invalid_username),
            IS_NOT_IN_DB(self.db, name, error_message=messages.username_taken),
        ]
        if not self.settings.username_case_sensitive:
            rules.insert(1, IS_LOWER())
        return {"label": messages.label_username, "requires": rules}

    def _password_options(self) -> dict[str, Any]:
        settings = self.settings
        crypt = CRYPT(key=settings.hmac_key, min_length=settings.password_min_length)
        return {"label": self.messages.label_password, "requires": [crypt]}

    def _group_fields(self) -> list[Any]:
        def role() -> dict[str, Any]:
            unique = IS_NOT_IN_DB(self.db, f"{self.settings.table_group_name}.role")
            return {"label": self.messages.label_role, "requires": unique}

        return [
            _late("role", role, length=512, default=""),
            _late("description", self._labelled("description"), "text"),
        ]

    def _user_options(self) -> dict[str, Any]:
        settings = self.settings
        shown = "%(username)s (%(id)s)" if settings.use_username else "%(first_name)s %(last_name)s (%(id)s)"
        rule = IS_IN_DB(self.db, f"{settings.table_user_name}.id", shown)
        return {"label": self.messages.label_user_id, "requires": rule}

    def _user_reference(self, **more: Any) -> Any:
        kind = f"reference {self.settings.table_user_name}"
        return _late("user_id", self._user_options, kind, **more)

    def _group_options(self) -> dict[str, Any]:
        rule = IS_IN_DB(self.db, f"{self.settings.table_group_name}.id", "%(role)s (%(id)s)")
        return {"label": self.messages.label_group_id, "requires": rule}

    def _group_reference(self) -> Any:
        return _late("group_id", self._group_options, f"reference {self.settings.table_group_name}")

    def _membership_fields(self) -> list[Any]:
        return [self._user_reference(), self._group_reference()]

    def _permission_fields(self) -> list[Any]:
        def record_id() -> dict[str, Any]:
            return {"label": self.messages.label_record_id, "requires": IS_INT_IN_RANGE(0, 10**9)}

        return [
            self._group_reference(),
            _late("name", self._filled("name"), length=512, default="default"),
            _late("table_name", self._labelled("table_name"), length=512),
            _late("record_id", record_id, "integer", default=0),
        ]

    def _event_fields(self) -> list[Any]:
        request = current.request
        return [
            _late("time_stamp", self._labelled("time_stamp"), "datetime", default=lambda: request.now),
            _late("client_ip", self._labelled("client_ip"), default=lambda: request.client),
            self._user_reference(default=None),
            _late("origin", self._filled("origin"), length=512, default="auth"),
            _late("description", self._filled("description"), "text", default=""),
        ]

    def _cas_fields(self) -> list[Any]:
        request = current.request
        return [
            self._user_reference(default=None),
            Field("created_on", "datetime", default=lambda: request.now),
            Field("service"),
            Field("ticket"),
            Field("renew", "boolean", default=False),
        ]

    def _token_fields(self) -> list[Any]:
        request = current.request

        def in_a_year() -> Any:
            return request.now + datetime.timedelta(days=365)

        return [
            self._user_reference(default=lambda: self.user_id, writable=False),
            Field("expires_on", "datetime", default=in_a_year),
            Field("token", writable=False, default=new_uuid, unique=True),
        ]


def _late(name: str, make: Callable[[], dict[str, Any]], kind: str = "string", **options: Any) -> Any:
    return later(Field(name, kind, **options), make)
