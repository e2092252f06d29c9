"""The tables of users and rights, with the documented fields: existing databases need no migration."""

from __future__ import annotations

from typing import Any

from runtime.dal import Field
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

    def _user_fields(self, with_name: bool) -> list[Any]:
        db, settings, messages = self.db, self.settings, self.messages
        table = settings.table_user_name
        filled = IS_NOT_EMPTY(error_message=messages.is_empty)
        mail_rules: list[Any] = [
            IS_EMAIL(error_message=messages.invalid_email),
            IS_NOT_IN_DB(db, f"{table}.email", error_message=messages.email_taken),
        ]
        if not settings.email_case_sensitive:
            mail_rules.insert(1, IS_LOWER())
        fields = [
            Field("first_name", length=128, default="", label=messages.label_first_name, requires=filled),
            Field("last_name", length=128, default="", label=messages.label_last_name, requires=filled),
            Field("email", length=512, default="", label=messages.label_email, requires=mail_rules),
        ]
        if with_name:
            name_rules: list[Any] = [
                IS_MATCH(_USER_NAME, strict=True, error_message=messages.invalid_username),
                IS_NOT_IN_DB(db, f"{table}.username", error_message=messages.username_taken),
            ]
            if not settings.username_case_sensitive:
                name_rules.insert(1, IS_LOWER())
            label = messages.label_username
            fields.append(Field("username", length=128, default="", label=label, requires=name_rules))
        crypt = CRYPT(key=settings.hmac_key, min_length=settings.password_min_length)
        fields.append(
            Field(
                settings.password_field,
                "password",
                length=512,
                label=messages.label_password,
                readable=False,
                requires=[crypt],
            )
        )
        fields += [
            Field(
                name, length=512, default="", label=messages[f"label_{name}"], writable=False, readable=False
            )
            for name in ("registration_key", "reset_password_key", "registration_id")
        ]
        return fields

    def _group_fields(self) -> list[Any]:
        messages = self.messages
        unique = IS_NOT_IN_DB(self.db, f"{self.settings.table_group_name}.role")
        return [
            Field("role", length=512, default="", label=messages.label_role, requires=unique),
            Field("description", "text", label=messages.label_description),
        ]

    def _user_rule(self) -> Any:
        settings = self.settings
        name = settings.table_user_name
        shown = "%(username)s (%(id)s)" if settings.use_username else "%(first_name)s %(last_name)s (%(id)s)"
        return IS_IN_DB(self.db, f"{name}.id", shown)

    def _user_reference(self, **more: Any) -> Any:
        kind = f"reference {self.settings.table_user_name}"
        return Field("user_id", kind, label=self.messages.label_user_id, **more)

    def _group_reference(self) -> Any:
        name = self.settings.table_group_name
        rule = IS_IN_DB(self.db, f"{name}.id", "%(role)s (%(id)s)")
        return Field("group_id", f"reference {name}", label=self.messages.label_group_id, requires=rule)

    def _membership_fields(self) -> list[Any]:
        return [self._user_reference(requires=self._user_rule()), self._group_reference()]

    def _permission_fields(self) -> list[Any]:
        messages, filled = self.messages, IS_NOT_EMPTY(error_message=self.messages.is_empty)
        return [
            self._group_reference(),
            Field("name", length=512, default="default", label=messages.label_name, requires=filled),
            Field("table_name", length=512, label=messages.label_table_name),
            Field(
                "record_id",
                "integer",
                default=0,
                label=messages.label_record_id,
                requires=IS_INT_IN_RANGE(0, 10**9),
            ),
        ]

    def _event_fields(self) -> list[Any]:
        messages, filled = self.messages, IS_NOT_EMPTY(error_message=self.messages.is_empty)
        request = current.request
        return [
            Field("time_stamp", "datetime", default=lambda: request.now, label=messages.label_time_stamp),
            Field("client_ip", default=lambda: request.client, label=messages.label_client_ip),
            self._user_reference(default=None, requires=self._user_rule()),
            Field("origin", length=512, default="auth", label=messages.label_origin, requires=filled),
            Field("description", "text", default="", label=messages.label_description, requires=filled),
        ]

    def _cas_fields(self) -> list[Any]:
        request = current.request
        return [
            self._user_reference(default=None, requires=self._user_rule()),
            Field("created_on", "datetime", default=lambda: request.now),
            Field("service"),
            Field("ticket"),
            Field("renew", "boolean", default=False),
        ]

    def _token_fields(self) -> list[Any]:
        request = current.request
        return [
            self._user_reference(default=lambda: self.user_id, requires=self._user_rule(), writable=False),
            Field(
                "expires_on",
                "datetime",
                default=lambda: request.now.replace(year=request.now.year + 1, day=1),
            ),
            Field("token", writable=False, default=new_uuid, unique=True),
        ]
