"""The login page, with its second step."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from runtime.dal import Field
from runtime.dal.validators import IS_EMAIL, IS_NOT_EMPTY
from runtime.forms import SQLFORM
from runtime.forms.outcome import call_onvalidation
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.html import DIV
from runtime.routing import URL
from runtime.tools.auth import hosts, remember, throttle
from runtime.tools.auth.base import DEFAULT, UNUSABLE_KEYS, callback
from runtime.tools.auth.session import AuthSession


class AuthLogin(AuthSession):
    """The login page; see `Auth`."""

    has_membership: Any
    _verify_again: Callable[[Any], None]

    def login(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
    ) -> Any:
        """Return the login form; after it was accepted, log in and go to `next`.

        Args:
            next: address; the query's ``_next``, else ``settings.login_next`` by default.
            onvalidation: function of the form that is called before passwords are checked.
            onaccept: function of the form that is called after logging in.
            log: text for the journal.
        """
        settings, session, request = self.settings, current.session, current.request
        course = self._course("login", self._login_next(next), onvalidation, onaccept, log)
        next, onvalidation, onaccept, log = course.next, course.onvalidation, course.onaccept, course.log
        if self.user and not settings.multi_login and request.method in ("GET", "HEAD"):
            return self._go(next)
        if settings.login_form is not self:
            return self._login_elsewhere(settings.login_form, next, onaccept, log)
        if session.auth_two_factor_user:
            user, form = self._second_step()
            if user is None:
                return form
            return self._logged_in(user, form, session.pop("_remember", False), next, onaccept, log)
        form = self._login_form()
        found: list[Any] = []

        def check(form: Any) -> None:
            call_onvalidation(form, onvalidation)
            if not form.errors:
                found.append(self._user_of_form(form))

        if not self._accepts(form, "login", check):
            return form
        user = found[0]
        if self._needs_second_step(user):
            return self._begin_second_step(user, form, next)
        return self._logged_in(user, form, form.vars.get("remember_me"), next, onaccept, log)

    def _login_next(self, next: Any) -> Any:
        """Return where to go after logging in; a login at another site forgets the query meanwhile."""
        settings, session = self.settings, current.session
        asked = self.get_vars_next()
        elsewhere = settings.login_form is not self
        if asked and elsewhere:
            session._auth_next = asked
        elif elsewhere and session._auth_next:
            asked = self.prevent_open_redirect(session._auth_next)
        return (asked or settings.login_next) if next is DEFAULT else next

    # -- the form ------------------------------------------------------------------------------------

    def _login_form(self) -> Any:
        settings, messages = self.settings, self.messages
        table, passfield = self.table_user(), settings.password_field
        name = self._user_field()
        rule: Any = IS_NOT_EMPTY(error_message=messages.is_empty)
        if name == "email" and settings.login_email_validate:
            rule = IS_EMAIL(error_message=messages.invalid_email)
        own = table[name]
        fields = [
            Field(
                name, label=own.label, comment=own.comment, requires=rule, widget=own.widget or _name_widget
            ),
            Field(passfield, "password", label=table[passfield].label, requires=[], widget=_password_widget),
        ]
        if settings.remember_me_form:
            fields.append(Field("remember_me", "boolean", default=False, label=messages.label_remember_me))
        form = SQLFORM.factory(
            *fields,
            table_name=table._tablename,
            hidden=self._hidden_next(),
            submit_button=messages.login_button,
            **self._form_options(),
        )
        self._add_captcha(form, settings.login_captcha)
        return form

    def _add_captcha(self, form: Any, captcha: Any) -> None:
        """Put a captcha before the button: `captcha`, or that of all forms unless it is False."""
        if captcha is None:
            captcha = self.settings.captcha
        if captcha:
            box = DIV(captcha, _class="captcha_row")
            submit = form.element("input[type=submit]") or form.element("button[type=submit]")
            (submit.parent if submit is not None and submit.parent is not None else form).insert(0, box)

    def _user_of_form(self, form: Any) -> Any:
        """Check name and password of an accepted form; None when they are wrong: the form says so."""
        settings, messages, request = self.settings, self.messages, current.request
        field, passfield = self._user_field(), settings.password_field
        name = str(form.vars.get(field) or "")
        refusal = self._must_wait(name)
        if refusal:
            return self._login_failed(form, refusal)
        user = self._authenticate(name, request.post_vars.get(passfield))
        if user is not None and not self._needs_second_step(user):
            throttle.succeeded(request, name)
        if user is None:
            text = messages.invalid_login
            if settings.login_specify_error:
                text = messages.invalid_password if self._find_user(name) else messages.invalid_user
            self.log_event(messages.login_failed_log, dict(request.post_vars) | {passfield: ""})
            return self._login_failed(form, text)
        if user.registration_key in UNUSABLE_KEYS:
            waiting = user.registration_key == "pending"
            return self._login_failed(
                form, messages.registration_pending if waiting else messages.login_disabled
            )
        if user.registration_key:
            self._verify_again(user)
            return self._login_failed(form, messages.registration_verifying)
        return user

    def _login_failed(self, form: Any, text: Any) -> None:
        current.response.flash = text
        form.errors[self.settings.password_field] = text
        for function in self.settings.login_onfail:
            function(form)

    def _logged_in(self, user: Any, form: Any, remember_me: Any, next: Any, onaccept: Any, log: Any) -> Any:
        settings, session = self.settings, current.session
        self.login_user(user)
        if remember_me:
            session.auth.expiration = settings.long_expiration
            session.auth.remember_me = True
            record = self.table_user()(user.id)
            remember.issue(self._secret(), record, settings.password_field, settings.long_expiration)
        hosts.remember(current.request, settings, user)
        self.log_event(log, user)
        session.flash = self.messages.logged_in
        session.pop("_auth_next", None)
        if form is not None:
            callback(onaccept, form)
        return self._go(next, form)

    def run_login_onaccept(self) -> None:
        """Call the functions of ``settings.login_onaccept`` for the user who is logged in."""
        if self.user:
            form = Storage(vars=self.user, errors=Storage(), accepted=True)
            callback(self.settings.login_onaccept, form)

    # -- other sites ---------------------------------------------------------------------------------

    def _login_elsewhere(self, other: Any, next: Any, onaccept: Any, log: Any) -> Any:
        settings = self.settings
        found = other.get_user()
        if not found:
            if hasattr(other, "login_form"):
                return other.login_form()
            return self.leave(other.login_url(next))
        maps = settings.cas_maps
        if maps:
            found = {key: make(found) for key, make in maps.items()}
        if settings.cas_create_user:
            user = self.get_or_create_user(found, settings.update_fields, login=False)
        else:
            user, _ = self._known_as(self.table_user(), found)
        if user is None or user.registration_key:
            current.session.flash = self.messages.login_disabled
            return self.leave(settings.logout_next)
        form = Storage(vars=user, errors=Storage(), accepted=True)
        return self._logged_in(user, form, False, next, onaccept, log)

    # -- the second step -----------------------------------------------------------------------------

    def _needs_second_step(self, user: Any) -> bool:
        settings = self.settings
        group = settings.two_factor_authentication_group
        if group:
            return bool(self.has_membership(user_id=user.id, role=group))
        return bool(settings.auth_two_factor_enabled)

    def _begin_second_step(self, user: Any, form: Any, next: Any) -> Any:
        """Send the code and ask for it on the same page."""
        settings, session = self.settings, current.session
        code = f"{secrets.randbelow(900_000) + 100_000}"
        methods = settings.two_factor_methods or [self.send_two_factor_code]
        for method in methods:
            code = method(user, code) or code
        session.renew()
        session.auth_two_factor_user = user.id
        session._remember = bool(form.vars.get("remember_me"))
        session.auth_two_factor = hashlib.sha256(str(code).encode()).hexdigest()
        session.auth_two_factor_tries_left = int(settings.auth_two_factor_tries_left)
        session.auth_two_factor_until = time.time() + settings.two_factor_code_expiration
        vars = {"_next": next} if isinstance(next, str) else None
        return self.leave(URL(args=current.request.args, vars=vars))  # this page, which may be that of CAS

    def send_two_factor_code(self, user: Any, code: str) -> str:
        """Mail the code of the second step; return it."""
        messages = self.messages
        text = str(messages.retrieve_two_factor_code).format(code)
        if not self._send_mail(user.get("email"), messages.retrieve_two_factor_code_subject, text):
            current.session.flash = messages.unable_send_email
        return code

    def _second_step(self) -> tuple[Any, Any]:
        """Return the user once the code was right, else None and the form that asks for it."""
        settings, messages, session = self.settings, self.messages, current.session
        user = self.table_user()(session.auth_two_factor_user)
        late = time.time() > (session.auth_two_factor_until or 0)
        if user is None or user.registration_key or late:
            self._end_second_step()
            current.session.flash = messages.invalid_key
            self.leave(self.url(args="login"))
        field = Field(
            "authentication_code",
            label=messages.label_two_factor,
            comment=messages.two_factor_comment,
            requires=IS_NOT_EMPTY(error_message=messages.is_empty),
            widget=_code_widget,
        )
        form = SQLFORM.factory(
            field,
            table_name=settings.table_user_name,
            hidden=self._hidden_next(),
            submit_button=messages.submit_button,
            **self._form_options(),
        )
        if not self._accepts(form, "login", lambda form: self._check_code(user, form)):
            if not session.auth_two_factor_user:
                session.flash = messages.invalid_login
                self.leave(self.url(args="login"))
            return None, form
        self._end_second_step()
        throttle.succeeded(current.request, self._login_name(user))
        return user, form

    def _check_code(self, user: Any, form: Any) -> None:
        """Note an error in the form when the code is wrong; the last wrong one ends the second step.

        Wrong codes count as wrong passwords, so that beginning anew wins no further guesses.
        """
        session = current.session
        if form.errors:
            return
        refusal = self._must_wait(self._login_name(user))
        if refusal:
            form.errors.authentication_code = current.response.flash = refusal
            return
        if self._is_code(user, str(form.vars.authentication_code).strip()):
            return
        left = session.auth_two_factor_tries_left = session.auth_two_factor_tries_left - 1
        text = str(self.messages.invalid_two_factor_code).format(left)
        form.errors.authentication_code = current.response.flash = text
        if left <= 0:
            self._end_second_step()

    def _is_code(self, user: Any, typed: str) -> bool:
        for check in self.settings.two_factor_onvalidation:
            answer = check(user, typed)
            if answer is True or (isinstance(answer, str) and answer and hmac.compare_digest(answer, typed)):
                return True
        digest = hashlib.sha256(typed.encode()).hexdigest()
        return hmac.compare_digest(digest, str(current.session.auth_two_factor or ""))

    def _end_second_step(self) -> None:
        for name in ("user", "tries_left", "until"):
            current.session.pop(f"auth_two_factor_{name}", None)
        current.session.pop("auth_two_factor", None)


def _name_widget(field: Any, value: Any, **more: Any) -> Any:
    return SQLFORM.widgets.string.widget(field, value, **({"_autocomplete": "username"} | more))


def _password_widget(field: Any, value: Any, **more: Any) -> Any:
    return SQLFORM.widgets.password.widget(field, value, **({"_autocomplete": "current-password"} | more))


def _code_widget(field: Any, value: Any, **more: Any) -> Any:
    own = {"_autocomplete": "one-time-code", "_inputmode": "numeric"}
    return SQLFORM.widgets.string.widget(field, value, **(own | more))
