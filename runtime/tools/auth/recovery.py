"""Forgotten names and passwords, new passwords."""

from __future__ import annotations

import secrets
from typing import Any

from runtime.dal import Field
from runtime.dal.validators import IS_EMAIL, IS_NOT_EMPTY
from runtime.forms import SQLFORM
from runtime.forms.outcome import call_onvalidation
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.tools.auth import passwords, remember, throttle
from runtime.tools.auth.base import DEFAULT
from runtime.tools.auth.registration import AuthRegistration, dated_key, is_link_key, new_password_widget

_KEY = "_reset_password_key"


class AuthRecovery(AuthRegistration):
    """Forgotten names and passwords; see `Auth`."""

    # -- asking by mail ------------------------------------------------------------------------------

    def _ask_form(self, name: str, label: Any, rule: Any, button: Any, captcha: Any) -> Any:
        field = Field(name, label=label, requires=rule)
        table_name = self.settings.table_user_name
        form = SQLFORM.factory(
            field,
            table_name=table_name,
            hidden=self._hidden_next(),
            submit_button=button,
            **self._form_options(),
        )
        self._add_captcha(form, captcha)
        return form

    def _may_mail(self, address: str, ask: dict[str, Any]) -> bool:
        """Tell whether one more mail may go to an address; each question counts once."""
        if not ask["counted"]:
            ask["counted"] = throttle.may_mail(current.request, address)
        return bool(ask["counted"])

    def retrieve_username(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the form that mails a forgotten user name; arguments as for `login`.

        The answer is the same whether or not there is such a user.

        Raises:
            HTTP: 404 where users have no names, or no addresses.
        """
        settings, messages, table = self.settings, self.messages, self.table_user()
        if not {"username", "email"} <= set(table.fields):
            raise HTTP(404, "Not found")
        if not settings.mailer:
            current.response.flash = messages.function_disabled
            return ""
        course = self._course("retrieve_username", next, onvalidation, onaccept, log)
        rule = IS_EMAIL(error_message=messages.invalid_email)
        form = self._ask_form(
            "email", table.email.label, rule, messages.submit_button, settings.retrieve_username_captcha
        )
        if not self._accepts(form, "retrieve_username", course.onvalidation):
            return form
        address = str(form.vars.email)

        self._ask_later("names", address, course.log)
        return self._done(course, form, None, messages.email_sent)

    def _answer_names(self, ask: dict[str, Any]) -> Any:
        """Mail the names that belong to an address; return a user of it, None for nobody."""
        table, messages, address = self.table_user(), self.messages, ask["asked"]
        users = self.db(table.email == address).select(table.ALL)
        if not users or not self._may_mail(address, ask):
            return None
        names = ", ".join(str(user.username) for user in users)
        filling = dict(users[0].as_dict()) | {"username": names, "email": address}
        text = self._fill_in(messages.retrieve_username, filling)
        if not self._send_mail(address, messages.retrieve_username_subject, text):
            self._mail_failed()
        return users[0]

    def random_password(self) -> str:
        """Return a made-up password."""
        return secrets.token_urlsafe(12)

    def retrieve_password(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Mail a link for a new password: `request_reset_password` under an old name."""
        return self.request_reset_password(next, onvalidation, onaccept, log)

    def request_reset_password(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the form that mails a link for a new password; arguments as for `login`.

        The link works once, for ``settings.reset_password_expiration`` seconds. The answer
        is the same whether or not there is such a user.

        Raises:
            HTTP: 404 where the table of users has no ``reset_password_key``.
        """
        settings, messages, table = self.settings, self.messages, self.table_user()
        if "reset_password_key" not in table.fields:
            raise HTTP(404, "Not found")
        if not settings.mailer:
            current.response.flash = messages.function_disabled
            return ""
        course = self._course(
            "request_reset_password", next, onvalidation, onaccept, log, hooks="reset_password"
        )
        name = self._user_field()
        rule: Any = IS_NOT_EMPTY(error_message=messages.is_empty)
        if name == "email":
            rule = IS_EMAIL(error_message=messages.invalid_email)
        form = self._ask_form(
            name,
            table[name].label,
            rule,
            messages.password_reset_button,
            settings.retrieve_password_captcha,
        )
        if not self._accepts(form, "reset_password", course.onvalidation):
            return form
        asked = form.vars[name]
        self.url(args="reset_password", scheme=True)  # a host that is none of ours is refused at once

        self._ask_later("reset", str(asked), course.log)
        return self._done(course, form, None, messages.email_sent)

    def _answer_reset(self, ask: dict[str, Any]) -> Any:
        """Mail a link for a new password; return its user, None for nobody."""
        user = self._find_user(ask["asked"])
        if user is None or not _may_reset(user) or not user.get("email"):
            return None
        if not self._may_mail(user.email, ask):
            return None
        if not self.email_reset_password(user):
            self._mail_failed()
        return user

    def email_reset_password(self, user: Any) -> bool:
        """Mail a link for a new password to a user; tell whether the mail went out.

        Args:
            user: record of the user.
        """
        key = dated_key()
        link = self.url(args="reset_password", vars={"key": key}, scheme=True, user=user)
        filling = dict(user.as_dict()) | {"key": key, "link": link}
        filling.pop(self.settings.password_field, None)
        text = self._fill_in(self.messages.reset_password, filling)
        if not self._send_mail(user.email, self.messages.reset_password_subject, text):
            return False
        user.update_record(reset_password_key=key)
        return True

    # -- a new password ------------------------------------------------------------------------------

    def _new_password_form(self, old: bool) -> Any:
        settings, messages = self.settings, self.messages
        passfield = settings.password_field
        rules = self.table_user()[passfield].requires
        fields = []
        if old:
            fields.append(Field("old_password", "password", label=messages.old_password, requires=[]))
        fields += [
            Field(
                "new_password",
                "password",
                label=messages.new_password,
                requires=rules,
                widget=new_password_widget,
            ),
            Field(
                "new_password2",
                "password",
                label=messages.verify_password,
                requires=[],
                widget=new_password_widget,
            ),
        ]
        return SQLFORM.factory(
            *fields,
            table_name=settings.table_user_name,
            hidden=self._hidden_next(),
            submit_button=messages.password_change_button if old else messages.password_reset_button,
            **self._form_options(),
        )

    def _check_new(self, form: Any) -> None:
        sent = current.request.post_vars
        if not form.errors and sent.get("new_password") != sent.get("new_password2"):
            form.errors.new_password2 = self.messages.mismatched_password

    def _check_old(self, form: Any, user: Any) -> None:
        """Note an error unless the old password is right; wrong ones count, and wait, as at the login."""
        passfield, name = self.settings.password_field, self._login_name(user)
        refusal = self._must_wait(name)
        if refusal:
            form.errors.old_password = current.response.flash = refusal
            return
        crypt = passwords.crypt_of(self.table_user()[passfield])
        if passwords.verify(crypt, current.request.post_vars.get("old_password"), user[passfield]):
            throttle.succeeded(current.request, name)
        else:
            form.errors.old_password = self.messages.invalid_password

    def _set_password(self, user: Any, hashed: Any) -> None:
        """Write a new password: links that were mailed before, and cookies that remember, end with it."""
        changes = {self.settings.password_field: str(hashed), "reset_password_key": ""}
        user.update_record(**{k: v for k, v in changes.items() if k in self.table_user().fields})
        remember.drop()

    def reset_password(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the form to which the link in the mail leads; arguments as for `login`.

        The key leaves the address at once: it is kept in the session, so that no other
        site learns it from the page.
        """
        settings, messages, request = self.settings, self.messages, current.request
        session = current.session
        course = self._course("reset_password", next, onvalidation, onaccept, log)
        key = request.vars.getfirst("key") or (request.args[1] if len(request.args) > 1 else None)
        if settings.prevent_password_reset_attacks:
            if key and request.method in ("GET", "HEAD"):
                session[_KEY] = str(key)
                self.leave(self.url(args="reset_password"))
            key = session[_KEY]
        user = self._user_by_key("reset_password_key", str(key or ""), settings.reset_password_expiration)
        if user is None or not _may_reset(user):
            session.pop(_KEY, None)
            session.flash = messages.invalid_key
            self.leave(course.next)
        form = self._new_password_form(old=False)
        if not settings.prevent_password_reset_attacks:
            form.attributes["hidden"] = dict(form.attributes.get("hidden") or {}) | {"key": key}

        def check(form: Any) -> None:
            self._check_new(form)
            call_onvalidation(form, course.onvalidation)

        if not self._accepts(form, "reset_password", check):
            return form
        self._set_password(user, form.vars.new_password)
        if user.registration_key and not settings.registration_requires_approval:
            user.update_record(registration_key="")  # the link proves the address, too
        session.pop(_KEY, None)
        if (
            settings.login_after_password_change
            and not user.registration_key
            and not self._needs_second_step(user)
        ):
            self.login_user(user)
        return self._done(course, form, user, messages.password_changed)

    def change_password(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the form for a new password of the user who is logged in; arguments as for `login`.

        Raises:
            HTTP: 404 where passwords are kept elsewhere.
        """
        settings, messages = self.settings, self.messages
        if not self.user:
            self.leave(f"{settings.login_url}?_next={self.url(args='change_password')}")
        table, passfield = self.table_user(), settings.password_field
        if passfield not in table.fields:
            raise HTTP(404, "Not found")
        course = self._course("change_password", next, onvalidation, onaccept, log)
        user = table(self.user.id)
        form = self._new_password_form(old=True)

        def check(form: Any) -> None:
            self._check_new(form)
            self._check_old(form, user)
            call_onvalidation(form, course.onvalidation)

        if not self._accepts(form, "change_password", check):
            return form
        self._set_password(user, form.vars.new_password)
        return self._done(course, form, self.user, messages.password_changed)


def _may_reset(user: Any) -> bool:
    """Tell whether a user may set a new password: those who were blocked, by whatever mark, may not."""
    return not user.registration_key or is_link_key(user.registration_key)
