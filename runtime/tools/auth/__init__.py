"""`Auth`: users, groups and rights of an application."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.tools.auth.base import DEFAULT
from runtime.tools.auth.cas import AuthCas
from runtime.tools.auth.decorators import AuthDecorators
from runtime.tools.auth.navbar import AuthNavbar
from runtime.tools.auth.rights import AuthRights
from runtime.tools.auth.settings import MESSAGES, PLAIN, AuthMessages, AuthSettings
from runtime.tools.auth.tables import AuthTables
from runtime.tools.auth.tokens import AuthJWT
from runtime.tools.auth.versions import AuthVersions

__all__ = ["DEFAULT", "Auth", "AuthJWT"]

_ACTIONS = frozenset(
    (
        "login", "logout", "register", "verify_email", "retrieve_username", "retrieve_password",
        "reset_password", "request_reset_password", "change_password", "profile", "groups", "impersonate",
        "not_authorized", "confirm_registration", "bulk_register", "manage_tokens", "jwt",
    )
)  # fmt: skip


class Auth(AuthRights, AuthDecorators, AuthNavbar, AuthTables, AuthVersions, AuthCas):
    """Users, groups and rights.

    A model says ``auth = Auth(db)`` and ``auth.define_tables()``; the action ``user``
    returns ``dict(form=auth())`` and serves ``user/login``, ``user/register`` and so on.

    Args:
        environment: accepted for old models: ``Auth(globals(), db)``; also the database itself.
        db: database.
        mailer: a `Mail` object; True makes one, False sends no mail.
        hmac_key: key of password hashes of old applications.
        controller: controller of the dispatcher.
        function: its function.
        cas_provider: address of another site's ``.../user/cas``, where visitors log in.
        signature: False makes no `signature`.
        secure: True serves the pages of users over HTTPS only.
        csrf_prevention: forms carry a key that only their own visitor has.
        propagate_extension: accepted for compatibility.
        url_index: where to go after logging in and out.
        jwt: dictionary of arguments of `AuthJWT`.
        host_names: hosts under which this site may be asked for, also patterns as ``*.example.com``,
            a list or a text with commas: links in mails lead to no other.

    Attributes:
        settings, messages: what can be changed; see the guide.
        user: record of who is logged in, without secrets; None for nobody.
        user_groups: roles of the user's groups by number.
    """

    default_settings: ClassVar[dict[str, Any]] = PLAIN
    default_messages: ClassVar[dict[str, Any]] = MESSAGES

    def __init__(
        self,
        environment: Any = None,
        db: Any = None,
        mailer: Any = True,
        hmac_key: str | None = None,
        controller: str = "default",
        function: str = "user",
        cas_provider: str | None = None,
        signature: bool = True,
        secure: bool = False,
        csrf_prevention: bool = True,
        propagate_extension: Any = None,
        url_index: str | None = None,
        jwt: dict[str, Any] | None = None,
        host_names: list[str] | tuple[str, ...] | str | None = None,
    ) -> None:
        if db is None and environment is not None and hasattr(environment, "define_table"):
            db = environment
        self.db = db
        self.environment = current
        self.controller, self.function = controller, function
        self.csrf_prevention = csrf_prevention
        self._wants_signature, self._signature = signature, None
        self.jwt_handler = None
        self._wiki: Any = None
        self._jwt_options = jwt
        self.settings = AuthSettings(self)
        settings = self.settings
        if hmac_key:
            settings["hmac_key"] = hmac_key
        if mailer is not True:
            settings["mailer"] = mailer or None
        if host_names:
            names = host_names.split(",") if isinstance(host_names, str) else host_names
            settings["host_names"] = [str(name).strip() for name in names if str(name).strip()]
        if url_index:
            for name in ("login_next", "logout_next", "profile_next", "change_password_next"):
                settings[name] = url_index
        self.messages = AuthMessages(getattr(current, "T", None))
        if secure:
            current.request.requires_https()
        if cas_provider:
            self._use_cas_provider(cas_provider)
        self._restore()

    def _use_cas_provider(self, address: str) -> None:
        from runtime.tools.login.forms import CasAuth

        settings = self.settings
        settings["cas_provider"] = address
        settings["actions_disabled"] = [
            "profile", "register", "change_password", "request_reset_password", "retrieve_username",
        ]  # fmt: skip
        names = settings.cas_actions
        maps: dict[str, Any] = {
            "username": lambda v: v.get("username", v["user"]),
            "email": lambda v: v.get("email"),
            "first_name": lambda v: v.get("first_name"),
            "last_name": lambda v: v.get("last_name"),
            "registration_id": lambda v: f"{address}/{v['user']}",
        }
        actions = [names["login"], names["servicevalidate"], names["logout"]]
        settings["login_form"] = CasAuth(None, address, actions, maps, casversion=2)

    def define_tables(self, *args: Any, **options: Any) -> Any:
        """Define the tables (see `AuthTables.define_tables`); a visitor to be remembered is logged in."""
        super().define_tables(*args, **options)
        if not self.user:
            self._restore_remembered()
        return self

    # -- dispatching ---------------------------------------------------------------------------------

    def __call__(self) -> Any:
        """Serve the page that ``request.args(0)`` names.

        Raises:
            HTTP: 404 for an unknown page, or one that is disabled; redirects.
        """
        args = current.request.args
        if not args:
            self.leave(self.url(args="login", vars=current.request.vars))
        name = args[0]
        if name in self.settings.actions_disabled:
            raise HTTP(404, "Not found")
        if name in _ACTIONS:
            if name == "impersonate" and len(args) > 1:
                return self._impersonate_by_address(args[1])
            return getattr(self, name)()
        if name == "cas" and not self.settings.cas_provider:
            return self._cas(args(1))
        raise HTTP(404, "Not found")

    def _impersonate_by_address(self, user_id: str) -> Any:
        """Impersonate whom the address names, then show that user's profile."""
        self.impersonate(user_id)
        return self.profile()

    # -- tokens --------------------------------------------------------------------------------------

    def _jwt(self) -> AuthJWT:
        if self.jwt_handler is None:
            if self._jwt_options is None:
                raise HTTP(404, "Not found")
            self.jwt_handler = AuthJWT(self, **self._jwt_options)
        handler: AuthJWT = self.jwt_handler
        return handler

    def jwt(self) -> Any:
        """Answer a login with a token (`AuthJWT.jwt_token_manager`), past the view of the page.

        Raises:
            HTTP: the answer; 404 unless ``Auth(..., jwt={...})`` asked for tokens.
        """
        answer = self._jwt().jwt_token_manager()
        headers: dict[str, Any] = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        raise HTTP(200, answer, **headers)

    def allows_jwt(self, **options: Any) -> Any:
        """Decorate an action for programs with tokens (`AuthJWT.allows_jwt`).

        Without ``Auth(jwt=...)`` that action answers 404, and the others of the controller as ever.
        """
        if self.jwt_handler is None and self._jwt_options is None:
            return lambda action: functools.wraps(action)(lambda *args, **named: self._jwt())
        return self._jwt().allows_jwt(**options)

    # -- wiki ----------------------------------------------------------------------------------------

    def wiki(
        self,
        slug: str | None = None,
        env: dict[str, Any] | None = None,
        render: Any = "markmin",
        manage_permissions: bool = False,
        force_prefix: str = "",
        restrict_search: bool = False,
        resolve: bool = True,
        extra: dict[str, Any] | None = None,
        menu_groups: Any = None,
        templates: Any = None,
        migrate: Any = True,
        controller: str | None = None,
        function: str | None = None,
        force_render: bool = False,
        groups: list[str] | None = None,
    ) -> Any:
        """Answer the request with a page of the wiki: ``def index(): return auth.wiki()``.

        Args:
            slug: page to show, whatever the address says.
            env: functions for ``@{name:arguments}`` in texts.
            render: ``markmin``, ``markdown``, ``html`` (sanitized) or a function of the text.
            manage_permissions: each page names the groups that may read and change it.
            force_prefix: what slugs of users begin with, as ``"%(id)s-"``.
            restrict_search: only those who manage the wiki may search.
            resolve: False defines the tables and returns the `Wiki` itself.
            extra: further functions, as `env`.
            menu_groups: groups that see the tools in the menu.
            templates: query for pages that new ones may begin with.
            migrate: as for `define_table`.
            controller, function: of the wiki's pages, for its menu elsewhere.
            force_render: render pages at each reading.
            groups: roles of the visitor, instead of those in the database.

        Returns:
            A dictionary for the view with `content` and more; a text for the extension ``load``.
        """
        from runtime.tools.wiki import Wiki

        wiki = Wiki(
            self,
            env=env,
            render=render,
            manage_permissions=manage_permissions,
            force_prefix=force_prefix,
            restrict_search=restrict_search,
            extra=extra,
            menu_groups=menu_groups,
            templates=templates,
            migrate=migrate,
            controller=controller,
            function=function,
            groups=groups,
            force_render=force_render,
        )
        self._wiki = wiki
        if slug:
            return wiki.read(slug)
        return wiki() if resolve else wiki

    def wikimenu(self) -> None:
        """Put the wiki's menu behind `response.menu`; call it in a model, after the tables are defined."""
        wiki = self._wiki or self.wiki(resolve=False)
        settings = wiki.settings
        items = wiki.menu(settings.controller or self.controller, settings.function or "index")
        current.response.menu = [*(current.response.menu or []), *items]
