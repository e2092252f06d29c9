"""Actions for those who may: `requires` and its relatives."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.routing import URL
from runtime.tools.auth.base import AuthBase, call_or_redirect

Action = Callable[..., Any]
Decorator = Callable[[Action], Action]


class AuthDecorators(AuthBase):
    """Decorators of actions; see `Auth`."""

    basic: Callable[..., tuple[bool, bool, Any]]
    has_membership: Callable[..., bool]
    has_permission: Callable[..., bool]
    _plain_user: Callable[..., Any]

    def requires(self, condition: Any, requires_login: Any = True, otherwise: Any = None) -> Decorator:
        """Let an action run only when `condition` holds.

        Args:
            condition: value, or function that is asked at each request.
            requires_login: someone must be logged in; a function is asked.
            otherwise: address to go to, or function to call, instead of the login page.
        """

        def decorator(action: Action) -> Action:
            @functools.wraps(action)
            def guarded(*args: Any, **named: Any) -> Any:
                _, basic_accepted, basic_user = self.basic()
                user = basic_user or self.user
                must = requires_login() if callable(requires_login) else requires_login
                if must and not user:
                    return self._not_logged_in(basic_accepted, otherwise)
                holds = condition() if callable(condition) else condition
                if not holds:
                    return self._not_allowed()
                return action(*args, **named)

            return guarded

        return decorator

    def _not_logged_in(self, basic_accepted: bool, otherwise: Any) -> Any:
        request, settings = current.request, self.settings
        if request.ajax:
            raise HTTP(401, str(self.messages.ajax_failed_authentication))
        if otherwise is not None:
            return otherwise() if callable(otherwise) else call_or_redirect(otherwise)
        if settings.allow_basic_login_only or basic_accepted or request.is_restful:
            raise HTTP(403, "Not authorized")
        flash = current.response.get("flash")
        if flash:
            current.session.flash = flash
        address = f"{settings.login_url}?_next={quote(self.here(), safe='')}"
        return call_or_redirect(settings.on_failed_authentication, address)

    def _not_allowed(self) -> Any:
        if current.request.ajax:
            raise HTTP(403, str(self.messages.access_denied))
        current.session.flash = str(self.messages.access_denied)
        return call_or_redirect(self.settings.on_failed_authorization)

    def requires_login(self, otherwise: Any = None) -> Decorator:
        """Let an action run only when someone is logged in; `otherwise` as for `requires`."""
        return self.requires(True, otherwise=otherwise)

    def requires_login_or_token(self, otherwise: Any = None) -> Decorator:
        """As `requires_login`; a program may show its token instead (`manage_tokens`).

        The token is the header ``web2py-user-token`` or the variable ``_token``.
        """

        def decorator(action: Action) -> Action:
            checked = self.requires(True, otherwise=otherwise)(action)

            @functools.wraps(action)
            def guarded(*args: Any, **named: Any) -> Any:
                if self.settings.enable_tokens:
                    self._login_by_token()
                return checked(*args, **named)

            return guarded

        return decorator

    def _login_by_token(self) -> None:
        request = current.request
        token = request.env.http_web2py_user_token or request.vars.get("_token")
        if not isinstance(token, str) or not token or self.user:
            return
        table, users = self.table_token(), self.table_user()
        query = (table.token == token) & (table.expires_on > request.now)
        row = self.db(query).select(table.user_id, limitby=(0, 1)).first()
        user = users(row.user_id) if row else None
        if user is not None and not user.registration_key:
            self.user = self._plain_user(user)  # for this request only: a program keeps no session

    def requires_membership(self, role: Any = None, group_id: Any = None, otherwise: Any = None) -> Decorator:
        """Let an action run only for members of a group, named by `role` or number."""
        return self.requires(lambda: self.has_membership(group_id=group_id, role=role), otherwise=otherwise)

    def requires_permission(
        self, name: str, table_name: Any = "", record_id: Any = 0, otherwise: Any = None
    ) -> Decorator:
        """Let an action run only for those who have a permission.

        Args:
            name: what.
            table_name: table, or its name.
            record_id: number of the record, or a function that returns it.
            otherwise: as for `requires`.
        """

        def holds() -> bool:
            number = record_id() if callable(record_id) else record_id
            return self.has_permission(name, table_name, number)

        return self.requires(holds, otherwise=otherwise)

    def requires_signature(
        self, otherwise: Any = None, hash_vars: Any = True, hash_extension: bool = True
    ) -> Decorator:
        """Let an action run by an address made for this visitor: ``URL(..., user_signature=True)`` (URL-14).

        Args:
            otherwise: as for `requires`.
            hash_vars: as given to `URL`.
            hash_extension: as given to `URL`.
        """

        def signed() -> bool:
            return bool(
                URL.verify(  # type: ignore[attr-defined]  # documented attribute of the function
                    current.request, user_signature=True, hash_vars=hash_vars, hash_extension=hash_extension
                )
            )

        return self.requires(signed, otherwise=otherwise)
