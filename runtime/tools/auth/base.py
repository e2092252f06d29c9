"""What the parts of `Auth` share: its objects, addresses, tables, mail, journal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, NoReturn

from runtime.forms.outcome import whole_address
from runtime.foundation.current import current
from runtime.foundation.http import redirect
from runtime.routing import URL
from runtime.tools.auth import hosts
from runtime.tools.auth.next_address import safe_next
from runtime.tools.auth.settings import AuthMessages, AuthSettings

DEFAULT: Any = type("Default", (), {"__repr__": lambda _: "DEFAULT"})()
"""Stands for an argument that was not given."""

UNUSABLE_KEYS = ("pending", "disabled", "blocked")
"""Values of `registration_key` that keep a user from logging in; other texts wait for verification."""


def new_uuid() -> str:
    """Return a new random identifier."""
    return str(uuid.uuid4())


def callback(actions: Any, form: Any, tablename: str | None = None) -> None:
    """Call a function, each of a list, or those of a dictionary for `tablename`, with the form."""
    if not actions:
        return
    if tablename is not None and isinstance(actions, dict):
        actions = actions.get(tablename, [])
    for action in actions if isinstance(actions, (list, tuple)) else [actions]:
        action(form)


def replace_id(url: Any, form: Any) -> str | None:
    """Return an address with the number of the form's record for ``[id]``; None for none."""
    number = str(form.vars.get("id")) if form is not None else ""
    return whole_address(str(url).replace("[id]", number).replace("%5Bid%5D", number)) if url else None


def call_or_redirect(target: Any, *args: Any) -> Any:
    """Call `target` when it is a function, else go there."""
    return target(*args) if callable(target) else redirect(target)


@dataclass(slots=True)
class Course:
    """What a page of users does beside its form."""

    next: Any
    """Where to go afterwards: an address, a function, None to stay."""
    onvalidation: Any
    onaccept: Any
    log: Any
    """Text for the journal."""


class AuthBase:
    """See `Auth`."""

    db: Any
    settings: AuthSettings
    messages: AuthMessages
    controller: str
    function: str
    user: Any
    csrf_prevention: bool
    jwt_handler: Any

    # -- addresses -----------------------------------------------------------------------------------

    def url(
        self, f: str | None = None, args: Any = None, vars: Any = None, scheme: Any = False, user: Any = None
    ) -> str:
        """Return the address of a page of this `Auth`, as ``auth.url(args='login')``.

        Args:
            f: function; that of the dispatcher by default.
            args: arguments of the address.
            vars: query of the address.
            scheme: True or a text as ``'https'`` makes it absolute; its host: see `runtime.tools.auth.hosts`.
            user: record of the mail's receiver.

        Raises:
            HTTP: 403 for a foreign host where only patterns of hosts are named.
        """
        host: Any = False
        if scheme:
            own, host = hosts.origin_for_links(current.request, self.settings, user)
            scheme = scheme if isinstance(scheme, str) else own
        address = URL(
            c=self.controller,
            f=f or self.function,
            args=args or [],
            vars=vars or {},
            scheme=scheme,
            host=host,
        )
        return str(address)

    def here(self) -> str:
        """Return the address of the running request with its query."""
        request = current.request
        return str(URL(args=request.args, vars=request.get_vars))

    def prevent_open_redirect(self, next: Any, host: str | None = None) -> str | None:
        """Return `next` when it leads to this site, None when it leads elsewhere or is no address."""
        if not next or not self.settings.prevent_open_redirect_attacks:
            return str(next) if next else None
        request = current.request
        ours = {host or request.env.http_host, *hosts.exact_names(self.settings)}
        return safe_next(next, {one for one in ours if one})

    def get_vars_next(self) -> str | None:
        """Return the query's ``_next`` when it leads to this site."""
        return self.prevent_open_redirect(current.request.vars.getfirst("_next"))

    def leave(self, address: Any) -> NoReturn:
        """Go to another page; out of a component of a page the whole page goes (``settings.client_side``)."""
        redirect(address, client_side=bool(self.settings.client_side))

    def _go(self, next: Any, form: Any = None) -> Any:
        """Go to `next` after a form: ``[id]`` in it is the number of its record; a function is called.

        The bare name of an action, as ``'index'``, leads to that of the running controller.
        """
        if isinstance(next, (list, tuple)):
            next = next[0] if next else None
        if not next:
            return None
        if callable(next):
            return next()
        return self.leave(replace_id(next, form))

    # -- tables --------------------------------------------------------------------------------------

    def table_user(self) -> Any:
        """Return the table of users."""
        return self.db[self.settings.table_user_name]

    def table_group(self) -> Any:
        """Return the table of groups."""
        return self.db[self.settings.table_group_name]

    def table_membership(self) -> Any:
        """Return the table that says which user is in which group."""
        return self.db[self.settings.table_membership_name]

    def table_permission(self) -> Any:
        """Return the table of what groups may do."""
        return self.db[self.settings.table_permission_name]

    def table_event(self) -> Any:
        """Return the journal."""
        return self.db[self.settings.table_event_name]

    def table_cas(self) -> Any:
        """Return the table of tickets given to other sites."""
        return self.db[self.settings.table_cas_name]

    def table_token(self) -> Any:
        """Return the table of tokens for programs."""
        return self.db[self.settings.table_token_name]

    @property
    def user_id(self) -> Any:
        """Number of the user who is logged in, None for nobody."""
        return self.user.id if self.user else None

    def _user_field(self) -> str:
        """Return the name of the field by which users log in."""
        settings = self.settings
        if settings.login_userfield:
            return str(settings.login_userfield)
        return "username" if "username" in self.table_user().fields else "email"

    def _login_name(self, user: Any) -> str:
        """Return what a user types to log in."""
        return str(user[self._user_field()])

    # -- forms ---------------------------------------------------------------------------------------

    def _form_session(self) -> Any:
        return current.session if self.csrf_prevention else None

    def _form_options(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "showid": settings.showid,
            "delete_label": self.messages.delete_label,
            "formstyle": settings.formstyle or current.response.formstyle,
            "separator": settings.label_separator,
        }

    def _accepts(self, form: Any, formname: str, onvalidation: Any, **options: Any) -> bool:
        """Read a form; tell the visitor when its key was used or made for someone else."""
        accepted = form.accepts(
            current.request,
            self._form_session(),
            formname=formname,
            onvalidation=onvalidation,
            hideerror=self.settings.hideerror,
            **options,
        )
        if form.refused:
            current.response.flash = self.messages.form_expired
        return bool(accepted)

    def _course(
        self, name: str, next: Any, onvalidation: Any, onaccept: Any, log: Any, hooks: str | None = None
    ) -> Course:
        """Return what a page was asked to do; what was not given comes from the settings.

        Args:
            name: beginning of the names of its settings, as ``profile``.
            next, onvalidation, onaccept, log: as given to the page.
            hooks: beginning of the names of its callbacks and journal text when it is another one.
        """
        settings, hooks = self.settings, hooks or name
        return Course(
            (self.get_vars_next() or settings[f"{name}_next"]) if next is DEFAULT else next,
            settings[f"{hooks}_onvalidation"] if onvalidation is DEFAULT else onvalidation,
            settings[f"{hooks}_onaccept"] if onaccept is DEFAULT else onaccept,
            getattr(self.messages, f"{hooks}_log") if log is DEFAULT else log,
        )

    def _done(self, course: Course, form: Any, user: Any, flash: Any) -> Any:
        """Tell the visitor, note it in the journal (unless `user` is None), call the callbacks, go on."""
        current.session.flash = flash
        if user is not None:
            self.log_event(course.log, user)
        callback(course.onaccept, form)
        return self._go(course.next, form)

    def _hidden_next(self) -> dict[str, Any] | None:
        target = self.get_vars_next()
        return {"_next": target} if target else None

    # -- mail and journal ----------------------------------------------------------------------------

    def _fill_in(self, text: Any, values: dict[str, Any]) -> str:
        """Return a message with ``%(name)s`` replaced; names of the user's record work too."""
        return str(text) % _Gaps(values)

    def log_event(self, description: Any, vars: Any = None, origin: str = "auth") -> None:
        """Write into the journal.

        Args:
            description: text with ``%(name)s`` for `vars`; None and an empty text write nothing.
            vars: values.
            origin: who says so.
        """
        settings = self.settings
        if not description or not settings.logging_enabled or settings.table_event_name not in self.db.tables:
            return
        values = dict(vars or {})
        user_id = values.get("user_id") or self.user_id
        self.table_event().insert(
            description=self._fill_in(description, values),
            origin=origin,
            user_id=user_id,
            client_ip=current.request.client,
            time_stamp=current.request.now,
        )


class _Gaps(dict[str, Any]):
    """Values for a text; a name that is not there becomes an empty text."""

    def __missing__(self, key: str) -> str:
        return ""
