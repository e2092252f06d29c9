"""Making accounts: registration, verification by mail, invitations."""

from __future__ import annotations

import re
import time
from typing import Any

from runtime.dal import Field
from runtime.dal.validators import IS_EMAIL, IS_NOT_EMPTY
from runtime.forms import SQLFORM
from runtime.forms.outcome import call_onvalidation
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.html import UL
from runtime.tools.auth import hosts, throttle
from runtime.tools.auth.base import DEFAULT, callback, new_uuid
from runtime.tools.auth.login import AuthLogin


def dated_key() -> str:
    """Return a new key for a link; it says itself when it was made."""
    return f"{int(time.time())}-{new_uuid()}"


_KEY = re.compile(r"(?:\d{10,}-)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)


def is_link_key(key: Any) -> bool:
    """Tell whether a text is a key of a link, not a mark of the application's own as ``suspended``."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def is_late(key: str, seconds: float) -> bool:
    """Tell whether a key was made more than `seconds` ago; keys of the old framework have no date."""
    made = key.partition("-")[0]
    return made.isascii() and made.isdigit() and len(made) >= 10 and time.time() - int(made) > seconds


class AuthRegistration(AuthLogin):
    """Registration; see `Auth`."""

    def register(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the registration form; arguments as for `login`.

        A visitor who is logged in goes to ``settings.logged_url``.
        """
        if self.user:
            self.leave(self.settings.logged_url)
        course = self._course("register", next, onvalidation, onaccept, log)
        form = self._register_form()

        def check(form: Any) -> None:
            self._check_repeated(form)
            form.vars.registration_key = dated_key()
            call_onvalidation(form, course.onvalidation)

        if not self._accepts(form, "register", check):
            return form
        user = self.table_user()(form.vars.id)
        self._make_own_group(user)
        self.log_event(course.log, user)
        self._settle_registration(user, form)
        callback(course.onaccept, form)
        front = self.settings.login_next if self.user else self.url(args="login")
        return self._go(course.next or front, form)

    def _register_form(self) -> Any:
        settings, messages = self.settings, self.messages
        table, passfield = self.table_user(), settings.password_field
        names = settings.register_fields or [
            f.name for f in table if f.type != "id" and f.writable and not f.compute
        ]
        extra = []
        if settings.register_verify_password and passfield in names:
            extra.append(
                Field(
                    "password_two",
                    "password",
                    label=messages.verify_password,
                    comment=messages.verify_password_comment,
                    requires=[],
                    widget=new_password_widget,
                )
            )
        form = SQLFORM(
            table,
            fields=names,
            hidden=self._hidden_next(),
            extra_fields=extra,
            submit_button=messages.register_button,
            **self._form_options(),
        )
        self._add_captcha(form, settings.register_captcha)
        if settings.pre_registration_div:
            form.insert(0, settings.pre_registration_div)
        return form

    def _check_repeated(self, form: Any) -> None:
        """Note an error when the password was not typed twice the same."""
        sent, passfield = current.request.post_vars, self.settings.password_field
        if "password_two" in [field.name for field in getattr(form, "extra_fields", ())] and sent.get(
            passfield
        ) != sent.get("password_two"):
            form.errors.password_two = self.messages.mismatched_password

    def _settle_registration(self, user: Any, form: Any) -> None:
        """Send the link for verification, let wait for approval, or let in.

        Who need not wait is logged in, and who must is where ``login_after_registration`` is True.
        """
        settings, messages, session = self.settings, self.messages, current.session
        enters = settings.login_after_registration
        if settings.registration_requires_verification:
            if not self._send_verification(user, form.vars):
                self.db.rollback()
                session.flash = messages.unable_send_email
                self.leave(self.url(args=current.request.args))
            session.flash = messages.registration_verifying
        elif settings.registration_requires_approval:
            user.update_record(registration_key="pending")
            session.flash = messages.registration_pending
        else:
            user.update_record(registration_key="")
            session.flash = messages.registration_successful
            enters = enters or enters is None
        if enters:
            told = session.flash
            self.login_user(user)
            session.flash = told if user.registration_key else messages.logged_in

    def _send_verification(self, user: Any, values: Any) -> bool:
        """Mail the link that verifies a user's address, behind the answer; tell whether it is on its way.

        Args:
            user: record with the key of the link.
            values: what the message may name.
        """
        key = user.registration_key
        link = self.url(args=["verify_email", key], scheme=True, user=user)
        filling = dict(values) | {"key": key, "link": link, "username": _called(user)}
        filling.pop(self.settings.password_field, None)
        text = self._fill_in(self.messages.verify_email, filling)
        return self._mail_later(
            user.get("email"), self.messages.verify_email_subject, text, ("registration_key", key)
        )

    def _verify_again(self, user: Any) -> None:
        """Mail the link anew to a user who has shown the password: the first mail may be lost, or too old."""
        settings, key = self.settings, user.registration_key
        if not settings.registration_requires_verification or not is_link_key(key) or not user.get("email"):
            return
        if not throttle.may_mail(current.request, user.email):
            return
        if is_late(key, settings.verify_email_expiration / 2):
            user.update_record(registration_key=dated_key())
        self._send_verification(user, user.as_dict())

    def email_registration(self, subject: Any, body: Any, user: Any) -> bool:
        """Mail a user; tell whether the mail went out.

        Args:
            subject: subject line, with ``%(name)s`` for values of the user's record.
            body: text, likewise.
            user: record of the user.
        """
        secret = (self.settings.password_field, "reset_password_key")
        values = {name: value for name, value in user.as_dict().items() if name not in secret}
        return self._send_mail(user.get("email"), self._fill_in(subject, values), self._fill_in(body, values))

    def verify_email(self, next: Any = DEFAULT, onaccept: Any = DEFAULT, log: Any = DEFAULT) -> Any:
        """Take the key of a link in a mail; then the user may log in, or waits for approval."""
        settings, messages, session = self.settings, self.messages, current.session
        key = str(current.request.args[-1]) if len(current.request.args) > 1 else ""
        next = settings.verify_email_next if next is DEFAULT else next
        next = next or self.url(args="login")
        onaccept = settings.verify_email_onaccept if onaccept is DEFAULT else onaccept
        user = self._user_by_key("registration_key", key, settings.verify_email_expiration)
        if user is None:
            session.flash = messages.invalid_key
            self.leave(next)
        approval = settings.registration_requires_approval
        user.update_record(registration_key="pending" if approval else "")
        session.flash = messages.registration_pending if approval else messages.email_verified
        self.log_event(self.messages.verify_email_log if log is DEFAULT else log, user)
        callback(onaccept, user)
        return self.leave(next)

    def _user_by_key(self, name: str, key: str, seconds: float) -> Any:
        """Return the record of the user to whom the key of a link belongs; None for a used or late one."""
        if not is_link_key(key) or is_late(key, seconds):
            return None
        table = self.table_user()
        if name not in table.fields:
            return None
        return self.db(table[name] == key).select(table.ALL, limitby=(0, 1)).first()

    def register_bare(self, **fields: Any) -> Any:
        """Make an account without a form, and without verification or approval.

        Args:
            fields: values of the user's record; the password as text.

        Returns:
            The record; False when there is one already by that name or mail.

        Raises:
            ValueError: the name by which users log in, or the password, is missing.
        """
        table, name = self.table_user(), self._user_field()
        if not fields.get(name):
            raise ValueError(f"register_bare: invalid {name}")
        passfield = self.settings.password_field
        if not fields.get(passfield):
            raise ValueError("register_bare: invalid password")
        crypt = table[passfield].validate(fields[passfield])[0]
        values = {k: v for k, v in fields.items() if k in table.fields} | {passfield: crypt}
        values.setdefault("registration_key", "")
        if self._find_user(fields[name]) is not None:
            return False
        user = self.get_or_create_user(values, login=False, get=False)
        return user or False

    # -- invitations ---------------------------------------------------------------------------------

    def bulk_register(self, max_emails: int = 100) -> Any:
        """Return a form that invites several people by mail; for users who are logged in.

        Whoever has not followed an invitation yet can be invited again.

        Args:
            max_emails: most addresses at once.

        Raises:
            HTTP: 404 unless ``settings.bulk_register_enabled``.
        """
        settings, messages = self.settings, self.messages
        if not self.user:
            self.leave(settings.login_url)
        if not settings.bulk_register_enabled:
            raise HTTP(404, "Not found")
        fields = [
            Field("subject", default=messages.bulk_invite_subject, requires=_filled(messages)),
            Field("emails", "text", requires=_filled(messages)),
            Field("message", "text", default=messages.bulk_invite_body, requires=_filled(messages)),
        ]
        form = SQLFORM.factory(*fields, **self._form_options())
        if not self._accepts(form, "bulk_register", None):
            return form
        result = self._invite(form.vars, max_emails)
        return UL(*[f"{address}: {outcome}" for address, outcome in result.items()])

    def _invite(self, values: Any, most: int) -> dict[str, str]:
        table, check = self.table_user(), IS_EMAIL()
        addresses = list(dict.fromkeys(str(values.emails).replace(",", " ").replace(";", " ").split()))[:most]
        result = {}
        for address in addresses:
            known = self.db(table.email == address).select(table.ALL, limitby=(0, 1)).first()
            if check(address)[1] is not None:
                result[address] = "invalid"
            elif known is not None and not self._is_invited(known):
                result[address] = "registered"
            else:
                result[address] = "sent" if self._invite_one(address, values, known) else "failed"
        return result

    def _is_invited(self, user: Any) -> bool:
        """Tell whether an account was made by an invitation that nobody has followed yet."""
        return is_link_key(user.registration_key) and not user.get(self.settings.password_field)

    def _invite_one(self, address: str, values: Any, known: Any) -> bool:
        """Mail an invitation behind the answer; one that comes again replaces the link of the first."""
        _, site = hosts.origin_for_links(current.request, self.settings)
        key = dated_key()
        link = self.url(args="confirm_registration", vars={"email": address, "key": key}, scheme=True)
        filling = {"site": site, "link": link, "email": address}
        subject, text = (self._fill_in(values[name], filling) for name in ("subject", "message"))
        if not self._mail_later(address, subject, text, ("registration_key", key)):
            return False
        table = self.table_user()
        if known is not None:
            known.update_record(registration_key=key)
            return True
        record: dict[str, Any] = {"email": address, "registration_key": key}
        if "username" in table.fields:
            record["username"] = address
        table.insert(**record)
        return True

    def confirm_registration(
        self, next: Any = DEFAULT, onvalidation: Any = DEFAULT, onaccept: Any = DEFAULT
    ) -> Any:
        """Return the form by which someone who was invited completes the account."""
        settings, messages, request = self.settings, self.messages, current.request
        key = str(request.vars.getfirst("key") or "")
        user = self._user_by_key("registration_key", key, settings.verify_email_expiration)
        if user is None or user.email != request.vars.getfirst("email"):
            current.session.flash = messages.invalid_key
            self.leave(self.url(args="login"))
        table = self.table_user()
        course = self._course("register", next, onvalidation, onaccept, None)
        names = [f.name for f in table if f.type != "id" and f.writable and f.name != "email"]
        form = SQLFORM(
            table,
            user,
            fields=names,
            hidden={"key": key, "email": user.email},
            submit_button=messages.register_button,
            **self._form_options() | {"showid": False},
        )

        def check(form: Any) -> None:
            form.vars.registration_key = ""
            call_onvalidation(form, course.onvalidation)

        if not self._accepts(form, "confirm_registration", check):
            return form
        self._make_own_group(table(user.id))
        self.login_user(table(user.id))
        callback(course.onaccept, form)
        return self._go(course.next or settings.login_next, form)


def _filled(messages: Any) -> Any:
    return IS_NOT_EMPTY(error_message=messages.is_empty)


def _called(user: Any) -> str:
    for name in ("username", "first_name", "email"):
        if user.get(name):
            return str(user[name])
    return ""


def new_password_widget(field: Any, value: Any, **more: Any) -> Any:
    """Return the control for a new password."""
    return SQLFORM.widgets.password.widget(field, value, **({"_autocomplete": "new-password"} | more))
