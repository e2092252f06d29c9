"""Who is logged in: the part of the session that belongs to `Auth`."""

from __future__ import annotations

import base64
import binascii
import datetime
import os
import pickle
from collections.abc import Callable
from typing import Any

from runtime.foundation.current import current
from runtime.foundation.files import write_atomic
from runtime.foundation.http import HTTP
from runtime.foundation.locks import file_lock
from runtime.foundation.storage import Storage
from runtime.sessions.frame import known
from runtime.tools.auth import passwords, remember, throttle
from runtime.tools.auth.base import DEFAULT, new_uuid
from runtime.tools.auth.post import AuthPost

_NOT_IN_SESSION = frozenset(("registration_key", "reset_password_key"))


class AuthSession(AuthPost):
    """Logging in and out; see `Auth`."""

    user_groups: dict[Any, Any]
    update_groups: Callable[[], None]

    def _restore(self) -> None:
        """Find out at the beginning of a request who is logged in; reads nothing for an unknown visitor."""
        self.user, self.user_groups = None, {}
        session = getattr(current, "session", None)
        if session is None or not hasattr(session, "_state"):
            return
        auth = session.auth if known(session) else None
        if not auth:
            return
        now = current.request.now
        expiration = auth.get("expiration") or self.settings.expiration
        if auth.get("last_visit") and auth.last_visit + datetime.timedelta(seconds=expiration) > now:
            self.user = auth.get("user")
            self.user_groups = auth.get("user_groups") or {}
            if (now - auth.last_visit).total_seconds() > expiration / 10:
                auth.last_visit = now
        else:
            self._forget(session, clear=not self.settings.keep_session_onlogout)

    def _forget(self, session: Any, clear: bool) -> None:
        session.auth = None
        session.renew(clear_session=clear)

    def _restore_remembered(self) -> None:
        """Log in the user whose cookie the visitor has; called when the tables are there."""
        if self.user or not remember.is_sent():
            return
        passfield = self.settings.password_field
        table = self.table_user()
        if passfield not in table.fields:
            return
        found = remember.user_of(self._secret(), table, passfield)
        if found is None or found[0].registration_key:
            remember.drop()
            return
        self.login_user(found[0])
        current.session.auth.expiration = found[1]
        current.session.auth.remember_me = True

    def _secret(self) -> str:
        return self.settings.hmac_key or self.get_or_create_key()

    @staticmethod
    def get_or_create_key(filename: str | None = None, alg: str = "sha512") -> str:
        """Return the application's secret, made at first use in ``private/auth.key``.

        Args:
            filename: another file.
            alg: name of the digest in front of the secret.
        """
        path = filename or os.path.join(current.request.folder, "private", "auth.key")
        try:
            with open(path, encoding="utf-8") as stream:
                key = stream.read().strip()
        except FileNotFoundError:
            key = ""
        if key:
            return key
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with file_lock(f"{path}.lock"):
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8") as stream:
                    return stream.read().strip()
            key = f"{alg}:{new_uuid()}"
            write_atomic(path, key, mode=0o600)
        return key

    def is_logged_in(self) -> bool:
        """Tell whether someone is logged in."""
        return bool(self.user)

    def is_impersonating(self) -> bool:
        """Tell whether the visitor acts as another user."""
        auth = current.session.auth
        return bool(auth and "impersonator" in auth)

    def _plain_user(self, user: Any) -> Storage:
        """Return the record of a user as it is kept in the session: without what must stay secret."""
        table = self.table_user()
        secret = {*_NOT_IN_SESSION, self.settings.password_field}
        return Storage({name: user[name] for name in table.fields if name not in secret and name in user})

    def _update_session_user(self, user: Any) -> None:
        """Let the session know a changed record of the user who is logged in."""
        self.user = self._plain_user(user)
        if current.session.auth:
            current.session.auth.user = self.user

    def login_user(self, user: Any) -> None:
        """Log a user in, with a new id of the session.

        Args:
            user: record of the user.
        """
        settings, session = self.settings, current.session
        plain = self._plain_user(user)
        if settings.renew_session_onlogin:
            session.renew(clear_session=not settings.keep_session_onlogin)
        session.auth = Storage(
            user=plain,
            last_visit=current.request.now,
            expiration=settings.expiration,
            hmac_key=new_uuid(),
        )
        self.user = plain
        self.update_groups()

    def login_bare(self, username: Any, password: Any) -> Any:
        """Log in with name and password; return the user, False when they are not right.

        Asks every login method. Growing waits apply as on the login page.
        """
        user = self._checked_user(username, password)
        if user is None:
            return False
        self.login_user(user)
        return self.user

    def basic(self, basic_auth_realm: Any = False) -> tuple[bool, bool, Any]:
        """Log in by the request's ``Authorization: Basic`` header, where the settings allow it.

        Args:
            basic_auth_realm: asks the browser for a name and password when there are none:
                a text, a function that returns one, or True for the application's name.

        Returns:
            Whether it is allowed, whether the header came, and the user (None or False without one).

        Raises:
            HTTP: 401 with `basic_auth_realm` when nobody is logged in.
        """
        if not self.settings.allow_basic_login:
            return False, False, False
        header = current.request.env.http_authorization
        answer: tuple[bool, bool, Any] = (True, False, False)
        if isinstance(header, str) and header[:6].lower() == "basic ":
            try:
                name, _, password = base64.b64decode(header[6:], validate=True).decode("utf-8").partition(":")
            except (binascii.Error, UnicodeDecodeError, ValueError):
                name = password = ""
            answer = (True, True, self._basic_user(name, password))
        if basic_auth_realm and not answer[2] and not self.user:
            realm = basic_auth_realm() if callable(basic_auth_realm) else basic_auth_realm
            text = current.request.application if realm is True else str(realm)
            quoted = text.replace("\\", "").replace('"', "")
            challenge: dict[str, Any] = {"WWW-Authenticate": f'Basic realm="{quoted}"'}
            raise HTTP(401, "Not Authorized", **challenge)
        return answer

    def _basic_user(self, name: str, password: str) -> Any:
        """Return the user of a header; nothing is kept in a session, since each request brings the header."""
        user = self._checked_user(name, password) if name else None
        if user is None:
            return False
        self.user = self._plain_user(user)
        return self.user

    # -- checking names and passwords ----------------------------------------------------------------

    def _find_user(self, name: Any) -> Any:
        """Return the record of a user by what is typed into the login form; None when there is none."""
        table, field = self.table_user(), self._user_field()
        text = str(name or "").strip() if field != self.settings.password_field else ""
        if not text or len(text) > 512:
            return None
        sensitive = (
            self.settings.email_case_sensitive if field == "email" else self.settings.username_case_sensitive
        )
        query = table[field] == text if sensitive else table[field].lower() == text.lower()
        return self.db(query).select(table.ALL, limitby=(0, 1)).first()

    def _checked_user(self, name: Any, password: Any) -> Any:
        """Return the record of the user whom name and password belong to, None otherwise.

        Users who are not yet verified, waiting for approval or blocked are none.
        """
        text = str(name or "")
        if self._claim(text) > 0:
            return None
        user = self._authenticate(text, password)
        if user is not None:
            throttle.succeeded(current.request, text)
        return None if user is None or user.registration_key else user

    def _claim(self, name: str) -> float:
        """Count an attempt to log in; return the seconds to wait where it may not be made now."""
        return throttle.claim(current.request, name) if self.settings.throttle_logins else 0.0

    def _must_wait(self, name: str) -> str:
        """Count a password or code about to be tried; return what to tell who has to wait first, "" else."""
        wait = self._claim(name)
        if wait <= 0:
            return ""
        seconds = int(wait) + 1
        current.response.status = 429
        current.response.headers["Retry-After"] = str(seconds)
        return str(self.messages.too_many_attempts) % {"seconds": seconds}

    def _authenticate(self, name: str, password: Any) -> Any:
        """Ask the login methods in turn; return the record of the user, None when all refuse."""
        for method in self.settings.login_methods:
            if method is self:
                user = self._own_user(name, password)
                if user is not None:
                    return user
            elif method != self and method(name, password):
                return self._user_of_method(name)
        return None

    def _own_user(self, name: str, password: Any) -> Any:
        """Check a password against the table of users; renew its hash when it was made in an old way."""
        table, passfield = self.table_user(), self.settings.password_field
        if passfield not in table.fields:
            return None
        user = self._find_user(name)
        stored = user[passfield] if user is not None else None
        crypt = passwords.crypt_of(table[passfield])
        if not passwords.verify(crypt, password, stored):
            return None
        if crypt.needs_renewal(stored):
            user.update_record(**{passfield: passwords.hashed(crypt, str(password))})
        return user

    def _user_of_method(self, name: str) -> Any:
        """Return the record of a user whom another login method knows; made at the first login."""
        user = self._find_user(name)
        if user is not None or self.settings.alternate_requires_registration:
            return user
        values = {self._user_field(): name}
        return self.get_or_create_user(values, login=False)

    def get_or_create_user(
        self, keys: dict[str, Any], update_fields: Any = ("email",), login: bool = True, get: bool = True
    ) -> Any:
        """Return the record of a user known to another site; made when there is none.

        Args:
            keys: values of the user's fields; found by ``registration_id``, ``username`` or ``email``.
            update_fields: fields of an existing record that get their new values.
            login: True logs the user in too.
            get: False returns None when there is a record already.
        """
        table = self.table_user()
        values = {k: v for k, v in keys.items() if k in table.fields and k != "id" and v is not None}
        user, by = self._known_as(table, values)
        if user is not None:
            if not get:
                return None
            changes = {name: values[name] for name in update_fields if name in values}
            if by != "registration_id" and values.get("registration_id") and not user.registration_id:
                changes["registration_id"] = values["registration_id"]
            changed = {name: value for name, value in changes.items() if user[name] != value}
            if changed:
                user.update_record(**changed)
        else:
            self._complete_names(table, values)
            user = table(table.insert(**values))
            self._make_own_group(user)
        if login and user is not None and not user.registration_key:
            self.login_user(user)
        return user

    def _known_as(self, table: Any, values: dict[str, Any]) -> tuple[Any, str]:
        for name in ("registration_id", "username", "email"):
            if values.get(name) and name in table.fields:
                user = self.db(table[name] == values[name]).select(table.ALL, limitby=(0, 1)).first()
                if user is None:
                    continue
                other = user.get("registration_id")
                if name == "registration_id" or not (other and values.get("registration_id")):
                    return user, name
        return None, ""

    def _complete_names(self, table: Any, values: dict[str, Any]) -> None:
        name = values.get("username") or str(values.get("email") or "").partition("@")[0] or "anonymous"
        if "first_name" in table.fields and not values.get("first_name"):
            values["first_name"] = name
        if "username" in table.fields and not values.get("username"):
            values["username"] = values.get("email") or name

    def _make_own_group(self, user: Any) -> None:
        """Give a new user the group of its own and that of everybody, as the settings say."""
        pattern, membership = self.settings.create_user_groups, self.table_membership()
        if pattern:
            description = self._fill_in(self.messages.group_description, dict(user))
            role = pattern % user
            groups = self.table_group()
            known = self.db(groups.role == role).select(groups.id, limitby=(0, 1)).first()
            group_id = known.id if known else groups.insert(role=role, description=description)
            membership.insert(user_id=user.id, group_id=group_id)
        if self.settings.everybody_group_id:
            membership.insert(user_id=user.id, group_id=self.settings.everybody_group_id)

    # -- logging out ---------------------------------------------------------------------------------

    def logout(self, next: Any = DEFAULT, onlogout: Any = DEFAULT, log: Any = DEFAULT) -> Any:
        """Log out and go to `next`.

        Args:
            next: address; ``settings.logout_next`` by default, None stays.
            onlogout: function of the user; ``settings.logout_onlogout`` by default.
            log: text for the journal.
        """
        settings = self.settings
        if next is DEFAULT:
            next = self.get_vars_next() or settings.logout_next
        onlogout = settings.logout_onlogout if onlogout is DEFAULT else onlogout
        if onlogout:
            onlogout(self.user)
        log = self.messages.logout_log if log is DEFAULT else log
        if self.user:
            self.log_event(log, self.user)
        form = settings.login_form
        if form is not self and hasattr(form, "get_user") and self.user:
            next = form.logout_url(next)
        self.logout_bare()
        current.session.flash = self.messages.logged_out
        return self.leave(next) if next is not None else None

    def logout_bare(self) -> None:
        """Log out without going anywhere."""
        session = current.session
        remember.drop()
        if self.user or session.auth:
            if self.settings.renew_session_onlogout:
                session.renew(clear_session=not self.settings.keep_session_onlogout)
            session.auth = None
        self.user, self.user_groups = None, {}

    # -- acting as someone else ----------------------------------------------------------------------

    def impersonate(self, user_id: Any = DEFAULT) -> Any:
        """Act as another user, with the permission ``impersonate`` for that user's record; 0 ends it.

        Args:
            user_id: number of the user; without one, a form asks for it.

        Raises:
            HTTP: 401 when nobody is logged in or the user does not exist, 403 without the permission.
        """
        request, session = current.request, current.session
        if not self.user:
            raise HTTP(401, "Not Authorized")
        asked = user_id
        if user_id is DEFAULT:
            user_id = request.post_vars.user_id if request.method == "POST" else None
        if user_id in (None, DEFAULT, ""):
            return self._impersonation_form()
        if asked is DEFAULT and not self._impersonation_form().accepted:
            raise HTTP(403, "forbidden")
        if str(user_id) == "0":
            return self._end_impersonation(session)
        table = self.table_user()
        user = table(int(user_id)) if str(user_id).isdecimal() and len(str(user_id)) < 19 else None
        if user is None:
            raise HTTP(401, "Not Authorized")
        if not self.has_permission("impersonate", table, user.id):
            raise HTTP(403, "forbidden")
        values = {"id": self.user.id, "other_id": user.id}
        own = session.auth.get("impersonator") or pickle.dumps(dict(session.auth))
        self.log_event(self.messages.impersonate_log, values)
        self.login_user(user)
        session.auth.impersonator = own
        return self.profile() if request.args(0) == "impersonate" and asked is DEFAULT else None

    def _end_impersonation(self, session: Any) -> None:
        if not self.is_impersonating():
            raise HTTP(403, "forbidden")
        own = Storage(pickle.loads(session.auth.impersonator))  # noqa: S301  # from our own signed session
        own.last_visit = current.request.now
        session.renew()
        session.auth = own
        self.user = own.user
        self.update_groups()

    def _impersonation_form(self) -> Any:
        from runtime.dal import Field
        from runtime.forms import SQLFORM

        field = Field("user_id", "integer", label=self.messages.label_user_id)
        form = SQLFORM.factory(field, table_name="impersonate", **self._form_options())
        form.accepts(current.request, self._form_session(), formname="impersonate")
        return form

    has_permission: Callable[..., bool]
    profile: Callable[..., Any]

    def not_authorized(self) -> Any:
        """Say that the visitor may not see that page, with status 403."""
        if current.request.ajax:
            raise HTTP(403, "ACCESS DENIED")
        current.response.status = 403
        return self.messages.access_denied
