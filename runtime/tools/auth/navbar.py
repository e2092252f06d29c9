"""The links to log in, register, log out: `auth.navbar`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from runtime.foundation.current import current
from runtime.html import LI, SPAN, UL, A
from runtime.tools.auth.base import DEFAULT, AuthBase


class AuthNavbar(AuthBase):
    """The links; see `Auth`."""

    is_impersonating: Any

    def navbar(
        self,
        prefix: Any = "Welcome",
        action: Any = None,
        separators: Any = (" [ ", " | ", " ] "),
        user_identifier: Any = DEFAULT,
        referrer_actions: Any = DEFAULT,
        mode: str = "default",
    ) -> Any:
        """Return the links that fit the visitor.

        Args:
            prefix: word before the user's name.
            action: address of the dispatcher.
            separators: texts before, between and behind the links.
            user_identifier: how the user is called: a text with ``%(name)s`` of the record,
                a function of it, None for nobody; the first name by default.
            referrer_actions: names of pages that lead back to this one.
            mode: ``default`` (a SPAN), ``asmenu`` (items for `response.menu`), ``dropdown``
                (an LI for a Bootstrap bar), ``bare`` (a dictionary of texts and addresses).
        """
        items = self._items(action, referrer_actions)
        name = self._name(user_identifier) if self.user else ""
        T = current.T
        prefix = T(prefix) if isinstance(prefix, str) and prefix.strip() else prefix
        if mode == "bare":
            bare = {"prefix": prefix, "user": name if self.user else None}
            return bare | {key: address for key, _, address in items}
        title = f"{prefix} {name}".strip() if self.user else str(self.messages.login)
        if mode == "asmenu":
            entries: list[Any] = [(text, False, address, []) for _, text, address in items]
            return [(title, False, None if self.user else items[0][2], entries)]
        if mode == "dropdown":
            return self._dropdown(title, items)
        before, between, behind = separators
        parts: list[Any] = [f"{prefix} {name}".strip() if self.user else "", before]
        for position, (key, text, address) in enumerate(items):
            if position:
                parts.append(between)
            parts.append(A(text, _href=address, _rel="nofollow", _class=f"auth_{key}"))
        return SPAN(*parts, behind, _class="auth_navbar")

    def _name(self, identifier: Any) -> str:
        user = self.user
        if identifier is None:
            return ""
        if callable(identifier):
            return str(identifier(user))
        if isinstance(identifier, str):
            return identifier % user if "%" in identifier else str(user.get(identifier) or "")
        return str(user.get("first_name") or user.get("username") or user.get("email") or "")

    def _items(self, action: Any, referrer_actions: Any) -> list[tuple[str, Any, str]]:
        """Return key, text and address of each link."""
        settings, messages, request = self.settings, self.messages, current.request
        action = str(action) if action else self.url()
        off = set(settings.actions_disabled)
        back = {"login", "register", "logout", "change_password", "profile"}
        if referrer_actions is not DEFAULT:
            back = set(referrer_actions or ())
        inside = request.controller == self.controller and request.function == self.function
        here = self.get_vars_next() if inside else self.here()
        suffix = f"?_next={quote(here, safe='')}" if here else ""

        def link(key: str, page: str, text: Any) -> tuple[str, Any, str]:
            return key, text, f"{action}/{page}{suffix if page in back else ''}"

        if self.user:
            items = [] if "profile" in off else [link("profile", "profile", messages.profile)]
            if "change_password" not in off and settings.password_field in self.table_user().fields:
                items.append(link("change_password", "change_password", messages.password))
            items.append(link("logout", "logout", messages.logout))
            return items
        items = [link("login", "login", messages.login)]
        if "register" not in off:
            items.append(link("register", "register", messages.register))
        if "retrieve_username" not in off and "username" in self.table_user().fields and settings.mailer:
            items.append(link("retrieve_username", "retrieve_username", messages.forgot_username))
        resettable = settings.mailer and "reset_password_key" in self.table_user().fields
        if "request_reset_password" not in off and resettable:
            items.append(link("request_reset_password", "request_reset_password", messages.lost_password))
        return items

    def _dropdown(self, title: str, items: list[tuple[str, Any, str]]) -> Any:
        entries = [
            LI(A(text, _href=address, _rel="nofollow", _class=f"dropdown-item auth_{key}"))
            for key, text, address in items
        ]
        toggle = {"_data-bs-toggle": "dropdown", "_data-toggle": "dropdown", "_aria-expanded": "false"}
        return LI(
            A(title, _href="#", _class="nav-link dropdown-toggle", _role="button", **toggle),
            UL(*entries, _class="dropdown-menu dropdown-menu-end"),
            _class="nav-item dropdown auth_navbar",
        )
