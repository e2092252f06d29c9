"""The CAS provider: other sites log their visitors in here (versions 1 and 2)."""

from __future__ import annotations

import datetime
import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from runtime.foundation.current import current
from runtime.foundation.escape import xmlescape
from runtime.foundation.http import HTTP
from runtime.tools.auth.base import DEFAULT
from runtime.tools.auth.profile import AuthProfile

_GOOD_FOR = datetime.timedelta(seconds=60)
"""How long a ticket is good; it works once."""


class AuthCas(AuthProfile):
    """The CAS provider at ``.../user/cas/login`` and so on; see `Auth`."""

    def allow_cas_service(self, service: str) -> bool:
        """Tell whether an address belongs to one of ``settings.cas_domains``."""
        try:
            parts = urlsplit(service)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc in set(self.settings.cas_domains)

    def cas_login(
        self,
        next: Any = DEFAULT,
        onvalidation: Any = DEFAULT,
        onaccept: Any = DEFAULT,
        log: Any = DEFAULT,
        version: int = 2,
    ) -> Any:
        """Log the visitor in and send a ticket to the site that asked.

        Raises:
            HTTP: 403 for a site that is none of ``settings.cas_domains``.
        """
        request, session = current.request, current.session
        service = request.get_vars.get("service")
        if isinstance(service, str) and service:
            if not self.allow_cas_service(service):
                raise HTTP(403, "This site may not log in here.")
            session._cas_service = service
            session._cas_renew = bool(request.get_vars.get("renew"))
        elif not session._cas_service:
            session._cas_service = None
        if self.user and not session._cas_renew:
            return self._send_ticket(interactive=False)

        def after(form: Any) -> None:
            self._send_ticket(interactive=True)

        return self.login(next if next is not DEFAULT else None, onvalidation, after, log)

    def _send_ticket(self, interactive: bool) -> Any:
        session = current.session
        service = session.pop("_cas_service", None)
        session.pop("_cas_renew", None)
        if not service:
            return self.leave(self.settings.login_next)
        ticket = f"ST-{secrets.token_urlsafe(32)}"
        self.table_cas().insert(
            service=service,
            user_id=self.user.id,
            ticket=ticket,
            created_on=current.request.now,
            renew=interactive,
        )
        return self.leave(f"{service}{'&' if '?' in service else '?'}{urlencode({'ticket': ticket})}")

    def cas_validate(self, version: int = 2, proxy: bool = False) -> Any:
        """Tell a site whose ticket it shows; a ticket is good once, for a minute, for its own site.

        Raises:
            HTTP: the answer.
        """
        request, db, table = current.request, self.db, self.table_cas()
        current.session.forget(current.response)
        vars = request.vars
        ticket, service, renew = vars.get("ticket"), vars.get("service"), bool(vars.get("renew"))
        row = user = None
        if isinstance(ticket, str) and ticket and isinstance(service, str):
            row = db(table.ticket == ticket).select(table.ALL, limitby=(0, 1)).first()
        if row is not None:
            row.delete_record()
            fresh = row.created_on is not None and request.now - row.created_on <= _GOOD_FOR
            if fresh and row.service == service and (row.renew or not renew):
                user = self.table_user()(row.user_id)
        if version == 1:
            name = self._cas_name(user) if user else ""
            raise HTTP(
                200, f"yes\n{name}:{user.get('email') or ''}" if user else "no\n", **_text("text/plain")
            )
        raise HTTP(200, self._cas_answer(user, ticket), **_text("text/xml"))

    def _cas_name(self, user: Any) -> str:
        return str(user.get("username") or user.get("email"))

    def _cas_answer(self, user: Any, ticket: Any) -> str:
        space = 'xmlns:cas="http://www.yale.edu/tp/cas"'
        if user is None:
            text = xmlescape(f"Ticket {ticket} not recognized")
            inner = f'<cas:authenticationFailure code="INVALID_TICKET">{text}</cas:authenticationFailure>'
        else:
            table = self.table_user()
            values = [("user", self._cas_name(user))]
            values += [(name, user[name]) for name in table.fields if table[name].readable]
            values = [pair for pair in values if pair[1] not in (None, "")]
            parts = "".join(f"<cas:{name}>{xmlescape(value)}</cas:{name}>" for name, value in values)
            inner = f"<cas:authenticationSuccess>{parts}</cas:authenticationSuccess>"
        head = '<?xml version="1.0" encoding="UTF-8"?>'
        return f"{head}<cas:serviceResponse {space}>{inner}</cas:serviceResponse>"

    def _cas(self, action: Any) -> Any:
        """Dispatch ``.../user/cas/ACTION``.

        Raises:
            HTTP: 404 for an unknown one, or where this site is itself a client of a provider.
        """
        names = self.settings.cas_actions
        if action == names["login"]:
            return self.cas_login(version=2)
        if action == names["validate"]:
            return self.cas_validate(version=1)
        if action in (names["servicevalidate"], names["proxyvalidate"]):
            return self.cas_validate(version=2, proxy=action == names["proxyvalidate"])
        if action == names["logout"]:
            service = current.request.vars.get("service")
            allowed = isinstance(service, str) and self.allow_cas_service(service)
            return self.logout(next=service if allowed else self.settings.logout_next)
        raise HTTP(404, "Not found")


def _text(kind: str) -> dict[str, Any]:
    return {"Content-Type": f"{kind}; charset=utf-8", "Cache-Control": "no-store"}
