"""Logging in at another site: objects for ``auth.settings.login_form`` (LIB-36, 39, 44, 45, 50)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.html import DIV
from runtime.routing import URL
from runtime.tools import network
from runtime.tools.absent import need


class LoginError(UserError):
    """Another site refused to say who the visitor is."""


def _own_address() -> str:
    """Return the absolute address of the page that is being asked for, without its query."""
    request = current.request
    return URL(args=request.args, scheme=True, host=True)


class ExtendedLoginForm:
    """Several ways to log in on one page.

    Args:
        auth: the `Auth` object.
        alt_login_form: another login form, as `CasAuth` or `OAuthAccount`.
        signals: names of query variables by which the other form is recognised.
        login_arg: argument of the address of the login page.
    """

    def __init__(
        self, auth: Any, alt_login_form: Any, signals: list[str] | None = None, login_arg: str = "login"
    ) -> None:
        self.auth, self.alt_login_form, self.login_arg = auth, alt_login_form, login_arg
        self.signals = list(signals or [])
        own = getattr(alt_login_form, "signals", None)
        self.signals += own or []

    def get_user(self) -> Any:
        """Return what the other form knows of the visitor, None for nobody."""
        return self.alt_login_form.get_user() if hasattr(self.alt_login_form, "get_user") else None

    def login_url(self, next: str) -> str:
        """Return where the visitor logs in: the other form's page when its signal is there, else ours."""
        request = current.request
        if any(signal in request.vars for signal in self.signals) and hasattr(
            self.alt_login_form, "login_url"
        ):
            return str(self.alt_login_form.login_url(next))
        return str(self.auth.settings.login_url)

    def logout_url(self, next: str) -> str:
        """Return where to go after logging out."""
        if hasattr(self.alt_login_form, "logout_url"):
            return str(self.alt_login_form.logout_url(next))
        return next

    def login_form(self) -> Any:
        """Return both forms, one below the other."""
        auth = self.auth
        kept = auth.settings.login_form
        auth.settings.login_form = auth
        try:
            own = auth.login() if current.request.args(0) == self.login_arg else auth()
        finally:
            auth.settings.login_form = kept
        form = DIV(own)
        if hasattr(self.alt_login_form, "login_form"):
            form.append(DIV(self.alt_login_form.login_form()))
        return form


class CasAuth:
    """Log in at a CAS server (versions 1 and 2).

    Args:
        urlbase: address of the server, without the action.
        actions: its login, validation and logout pages.
        maps: how a user's fields are made of what the server tells: functions of a
            dictionary with ``user`` and the attributes.
        casversion: 1 or 2.
        casusername: name under which version 1 tells the user.
    """

    signals = ("ticket",)

    def __init__(
        self,
        g: Any = None,
        urlbase: str = "https://web2py.com/cas/cas",
        actions: list[str] | tuple[str, ...] = ("login", "validate", "logout"),
        maps: dict[str, Callable[[dict[str, Any]], Any]] | None = None,
        casversion: int = 1,
        casusername: str = "cas:user",
    ) -> None:
        self.urlbase = urlbase.rstrip("/")
        login, validate, logout = actions
        self.cas_login_url = f"{self.urlbase}/{login}"
        self.cas_check_url = f"{self.urlbase}/{validate}"
        self.cas_logout_url = f"{self.urlbase}/{logout}"
        self.maps = maps or {
            "username": lambda v: v.get("username", v["user"]),
            "email": lambda v: v.get("email"),
            "first_name": lambda v: v.get("first_name", v["user"]),
            "last_name": lambda v: v.get("last_name"),
            "registration_id": lambda v: f"{self.urlbase}/{v['user']}",
        }
        self.casversion, self.casusername = casversion, casusername

    def _service(self) -> str:
        """Return this page's address with the visitor's ``_next``, as the server knows it."""
        target = current.request.get_vars.get("_next")
        return _own_address() + (f"?{urlencode({'_next': target})}" if target else "")

    def login_url(self, next: str = "/") -> str:
        """Return the server's login page; it sends the visitor back here."""
        service = current.session._cas_service = _own_address() + (f"?{urlencode({'_next': next})}")
        return f"{self.cas_login_url}?{urlencode({'service': service})}"

    def logout_url(self, next: str = "/") -> str:
        """Return the server's logout page."""
        own = URL("default", "index", scheme=True, host=True)
        return f"{self.cas_logout_url}?{urlencode({'service': own})}"

    def get_user(self) -> dict[str, Any] | None:
        """Return the fields of the visitor whom the server has sent with a ticket; None without one."""
        request = current.request
        ticket = request.vars.get("ticket")
        if not isinstance(ticket, str) or not ticket:
            return None
        service = current.session._cas_service or self._service()
        address = f"{self.cas_check_url}?{urlencode({'service': service, 'ticket': ticket})}"
        try:
            answer = network.open_url(address)
        except network.NetworkError:
            return None
        values = self._read(answer)
        current.session.pop("_cas_service", None)
        if values is None:
            return None
        return {key: make(values) for key, make in self.maps.items()}

    def _read(self, answer: bytes) -> dict[str, Any] | None:
        if self.casversion == 1:
            lines = answer.decode("utf-8", "replace").splitlines()
            if not lines or lines[0].strip().lower() != "yes" or len(lines) < 2:
                return None
            parts = lines[1].split(":")
            values = {"user": parts[0].strip()}
            if len(parts) > 1:
                values["email"] = parts[1].strip()
            return values if values["user"] else None
        if b"<!DOCTYPE" in answer or b"<!ENTITY" in answer:
            return None
        try:
            tree = ElementTree.fromstring(answer)  # noqa: S314  # entities are refused above
        except ElementTree.ParseError:
            return None
        success = next((node for node in tree.iter() if node.tag.endswith("authenticationSuccess")), None)
        if success is None:
            return None
        values = {}
        for node in success.iter():
            name = node.tag.rpartition("}")[2]
            if node.text and node.text.strip():
                values[name] = node.text.strip()
        return values if values.get("user") else None


class _Account:
    """What accounts at providers have in common."""

    kept_as = ""
    """Where the session keeps the token."""

    def get_user(self) -> dict[str, Any] | None:
        """Return the fields of the visitor; to be written by the subclass.

        Raises:
            NotImplementedError: the subclass has none.
        """
        raise NotImplementedError(
            "write get_user in a subclass of OAuthAccount: it returns the user's fields"
        )

    def logout_url(self, next: str = "/") -> str:
        """Forget the token; return `next`."""
        current.session.pop(self.kept_as, None)
        return next


class OAuthAccount(_Account):
    """Log in by OAuth 2.0, with the code flow, a state and PKCE.

    Subclass it and write `get_user`, which asks the provider by `accessToken`.

    Args:
        g: accepted for compatibility.
        client_id: what the provider calls this application.
        client_secret: its secret.
        auth_url: where the visitor agrees.
        token_url: where codes become tokens.
        args: further query variables of `auth_url`, as ``scope``; those of the protocol are ours.
    """

    signals = ("code",)
    kept_as = "token"

    def __init__(
        self,
        g: Any = None,
        client_id: str = "",
        client_secret: str = "",
        auth_url: str = "",
        token_url: str = "",
        socket_timeout: float = 60,
        **args: Any,
    ) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.auth_url, self.token_url = auth_url, token_url
        self.socket_timeout, self.args = socket_timeout, args

    @property
    def session(self) -> Any:
        """Session of the visitor."""
        return current.session

    @property
    def request(self) -> Any:
        """Running request."""
        return current.request

    def accessToken(self) -> str | None:
        """Return the token, got for the code in the address if there is one; None without both.

        Raises:
            HTTP: 400 when the answer does not belong to this visitor's question.
            LoginError: the provider refused.
        """
        session, vars = current.session, current.request.vars
        code = vars.get("code")
        if code:
            kept = session.pop("oauth2", None) or {}
            state = str(vars.get("state") or "")
            if not kept or not hmac.compare_digest(state.encode(), str(kept["state"]).encode()):
                raise HTTP(400, "This login was not begun here. Please log in again.")
            session.token = self._token_for(str(code), kept)
        elif vars.get("error"):
            return None
        token = session.token
        return token.get("access_token") if isinstance(token, dict) else None

    def _token_for(self, code: str, kept: dict[str, Any]) -> dict[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": kept["redirect_uri"],
            "code_verifier": kept["verifier"],
        }
        data = network.open_url(
            self.token_url, fields, {"Accept": "application/json"}, timeout=self.socket_timeout
        )
        text = data.decode("utf-8", "replace")
        try:
            found = json.loads(text)
        except ValueError:
            found = dict(parse_qsl(text))
        if not isinstance(found, dict) or not found.get("access_token"):
            raise LoginError("the provider sent no access token")
        return {"access_token": str(found["access_token"]), "token_type": str(found.get("token_type", ""))}

    def login_url(self, next: str = "/") -> str:
        """Return the provider's page where the visitor agrees, and remember what was asked."""
        verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(verifier.encode()).digest()
        kept = {"state": secrets.token_urlsafe(24), "verifier": verifier, "redirect_uri": _own_address()}
        current.session.oauth2 = kept
        query = {
            **self.args,
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": kept["redirect_uri"],
            "state": kept["state"],
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.auth_url}{'&' if '?' in self.auth_url else '?'}{urlencode(query)}"


class OAuthAccount10a(_Account):
    """Log in by OAuth 1.0a; needs the package ``oauthlib``. Subclass it and write `get_user`.

    Args:
        g: accepted for compatibility.
        client_id, client_secret: what the provider gave.
        auth_url, token_url, access_token_url: its three addresses.
    """

    signals = ("oauth_verifier",)
    kept_as = "access_token"

    def __init__(
        self,
        g: Any = None,
        client_id: str = "",
        client_secret: str = "",
        auth_url: str = "",
        token_url: str = "",
        access_token_url: str = "",
        socket_timeout: float = 60,
    ) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.auth_url, self.token_url, self.access_token_url = auth_url, token_url, access_token_url
        self.socket_timeout = socket_timeout

    def _ask(self, url: str, **tokens: Any) -> dict[str, str]:
        oauth1 = need("oauthlib.oauth1", "oauthlib", "to log in by OAuth 1.0a", "oauth")
        client = oauth1.Client(self.client_id, client_secret=self.client_secret, **tokens)
        address, headers, _ = client.sign(url, http_method="POST")
        data = network.open_url(address, b"", headers, timeout=self.socket_timeout)
        found = dict(parse_qsl(data.decode("utf-8", "replace")))
        if "oauth_token" not in found or "oauth_token_secret" not in found:
            raise LoginError("the provider sent no token")
        return found

    def accessToken(self) -> dict[str, str] | None:
        """Return the visitor's token with its secret; None before the visitor agreed."""
        session, vars = current.session, current.request.vars
        kept = session.oauth1
        if vars.get("oauth_verifier") and kept and vars.get("oauth_token") == kept["oauth_token"]:
            session.access_token = self._ask(
                self.access_token_url,
                resource_owner_key=kept["oauth_token"],
                resource_owner_secret=kept["oauth_token_secret"],
                verifier=str(vars.oauth_verifier),
            )
            session.pop("oauth1", None)
        token: dict[str, str] | None = session.access_token
        return token

    def login_url(self, next: str = "/") -> str:
        """Return the provider's page where the visitor agrees."""
        kept = self._ask(self.token_url, callback_uri=_own_address())
        current.session.oauth1 = kept
        return f"{self.auth_url}?{urlencode({'oauth_token': kept['oauth_token']})}"


class X509Auth:
    """Log in by the certificate that the browser showed to the front server.

    The front server must check certificates and pass ``SSL_CLIENT_RAW_CERT`` (PEM) on
    in the WSGI environment; request headers are never believed.
    """

    def __init__(self) -> None:
        self.request = current.request

    def get_user(self) -> dict[str, Any] | None:
        """Return the fields of the certificate's owner; None without a certificate."""
        from cryptography import x509
        from cryptography.x509.oid import NameOID

        text = self.request.env.ssl_client_raw_cert or self.request.env.ssl_client_cert
        if not text:
            return None
        try:
            certificate = x509.load_pem_x509_certificate(str(text).encode("ascii"))
        except (ValueError, UnicodeError):
            return None

        def first(oid: Any) -> str:
            found = certificate.subject.get_attributes_for_oid(oid)
            return str(found[0].value) if found else ""

        common = first(NameOID.COMMON_NAME)
        given, _, rest = common.partition(" ")
        identity = f"{certificate.issuer.rfc4514_string()}#{certificate.serial_number:x}"
        return {
            "username": common,
            "email": first(NameOID.EMAIL_ADDRESS),
            "first_name": first(NameOID.GIVEN_NAME) or given,
            "last_name": first(NameOID.SURNAME) or rest,
            "registration_id": hashlib.sha256(identity.encode()).hexdigest(),
        }

    def login_form(self) -> Any:
        """Refuse a visitor without a certificate.

        Raises:
            HTTP: 403.
        """
        raise HTTP(403, "Your browser showed no certificate.")

    def login_url(self, next: str = "/") -> str:
        """Return the page itself: there is no other place to log in."""
        return str(URL(args=current.request.args))

    def logout_url(self, next: str = "/") -> str:
        """Return `next`: the browser keeps its certificate."""
        return next
