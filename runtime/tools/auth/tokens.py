"""`AuthJWT`: programs log in once and then show a signed token (JSON Web Token)."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, NoReturn

from runtime.foundation import serializers
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.problems import UserError
from runtime.foundation.storage import Storage

ALGORITHMS = ("HS256", "HS384", "HS512")


class JwtError(UserError):
    """The settings of `AuthJWT` can not be used; the text says why."""


class AuthJWT:
    """Tokens for programs.

    Args:
        auth: the `Auth` object.
        secret_key: what tokens are signed with; also a function of the payload, or None for
            the application's own secret.
        algorithm: ``HS256``, ``HS384`` or ``HS512``.
        verify_expiration: refuse tokens that are too old.
        leeway: seconds by which clocks may differ.
        expiration: seconds that a token is good.
        allow_refresh: give a new token for an old one.
        refresh_expiration_delta: seconds from the login within which that is done.
        header_prefix: word before the token in the ``Authorization`` header.
        jwt_add_header: further fields of the token's head.
        user_param, pass_param: variables with name and password.
        realm: what a refused program is told.
        additional_payload: dictionary, or function of the payload, of further claims.
        before_authorization: function of the payload that may refuse by raising `HTTP`.
        max_header_length: longest token that is looked at, in characters.

    Raises:
        JwtError: an unknown algorithm, or no key.
    """

    def __init__(
        self,
        auth: Any,
        secret_key: Any = None,
        algorithm: str = "HS256",
        verify_expiration: bool = True,
        leeway: int = 30,
        expiration: int = 60 * 5,
        allow_refresh: bool = True,
        refresh_expiration_delta: int = 60 * 60,
        header_prefix: str = "Bearer",
        jwt_add_header: dict[str, Any] | None = None,
        user_param: str = "username",
        pass_param: str = "password",  # noqa: S107  # the name of a variable
        realm: str = "Login required",
        additional_payload: Any = None,
        before_authorization: Any = None,
        max_header_length: int = 4 * 1024,
    ) -> None:
        if algorithm not in ALGORITHMS:
            raise JwtError(f"algorithm must be one of {', '.join(ALGORITHMS)}, not {algorithm!r}")
        self.auth = auth
        self.secret_key = secret_key or auth._secret()
        self.algorithm, self.leeway, self.expiration = algorithm, leeway, expiration
        self.verify_expiration = verify_expiration
        self.allow_refresh, self.refresh_expiration_delta = allow_refresh, refresh_expiration_delta
        self.header_prefix, self.jwt_add_header = header_prefix, jwt_add_header
        self.user_param, self.pass_param, self.realm = user_param, pass_param, realm
        self.additional_payload, self.before_authorization = additional_payload, before_authorization
        self.max_header_length = max_header_length

    def _key(self, payload: dict[str, Any]) -> str:
        key = self.secret_key
        return str(key(payload) if callable(key) else key)

    # -- making tokens -------------------------------------------------------------------------------

    def generate_token(self, payload: dict[str, Any]) -> str:
        """Return a signed token of a payload."""
        import jwt  # loads cryptography

        token: Any = jwt.encode(payload, self._key(payload), self.algorithm, headers=self.jwt_add_header)
        return str(token)

    def serialize_auth_session(self, session_auth: Any) -> dict[str, Any]:
        """Return the payload for what a session knows of its user."""
        now = int(time.time())
        return {
            "hmac_key": session_auth["hmac_key"],
            "user_groups": {str(k): v for k, v in (session_auth.get("user_groups") or {}).items()},
            "user": serializers.loads_json(serializers.json(dict(session_auth["user"]))),
            "iat": now,
            "exp": now + self.expiration,
        }

    def alter_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload with the application's own claims."""
        more = self.additional_payload
        if callable(more):
            return dict(more(payload))
        return payload | dict(more or {})

    def refresh_token(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the payload of a new token for an old one.

        Raises:
            HTTP: 400 when refreshing is not allowed or the login is too long ago.
        """
        if not self.allow_refresh:
            raise HTTP(400, "Refreshing token is not allowed")
        now = int(time.time())
        begun = payload.get("orig_iat") or payload.get("iat")
        if not isinstance(begun, (int, float)) or begun + self.refresh_expiration_delta < now:
            raise HTTP(400, "Refresh has expired")
        return self.alter_payload(payload | {"orig_iat": begun, "iat": now, "exp": now + self.expiration})

    # -- reading tokens ------------------------------------------------------------------------------

    def verify_token(self, token: str, verify_expiration: bool | None = None) -> dict[str, Any]:
        """Return the payload of a token.

        Raises:
            HTTP: 400 for a token that was changed, made elsewhere, or is too old.
        """
        import jwt

        check = self.verify_expiration if verify_expiration is None else verify_expiration
        try:
            unverified = (
                jwt.decode(token, options={"verify_signature": False}) if callable(self.secret_key) else {}
            )
            return dict(
                jwt.decode(
                    token,
                    self._key(unverified),
                    algorithms=[self.algorithm],
                    leeway=self.leeway,
                    options={"verify_exp": check, "verify_iat": False, "require": ["exp"] if check else []},
                )
            )
        except jwt.ExpiredSignatureError as error:
            raise HTTP(400, "Token is expired") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise HTTP(400, "Token signature is invalid") from error

    def load_token(self, token: str) -> dict[str, Any]:
        """Return the payload of a token; as `verify_token`."""
        return self.verify_token(token)

    def get_jwt_token_from_request(self, token_param: str = "_token") -> str | None:  # noqa: S107  # a name
        """Return the token of the request: the header ``Authorization``, else the variable `token_param`.

        Raises:
            HTTP: 400 for a header of another kind, or a token that is too long.
        """
        request = current.request
        header = request.env.http_authorization
        if header:
            prefix, _, token = str(header).strip().partition(" ")
            if prefix.lower() != self.header_prefix.lower():
                raise HTTP(400, "Invalid JWT header")
            if not token or " " in token.strip():
                raise HTTP(400, "Invalid JWT header, token is missing or contains spaces")
            found: Any = token.strip()
        else:
            found = request.vars.get(token_param)
        if found and (not isinstance(found, str) or len(found) > self.max_header_length):
            raise HTTP(400, "JWT header is too long")
        return found or None

    def inject_token(self, payload: dict[str, Any]) -> None:
        """Let the user of a payload be logged in for this request; nothing is kept in a session.

        Raises:
            HTTP: 401 when the account does not exist any more or was blocked.
        """
        auth = self.auth
        number = (payload.get("user") or {}).get("id")
        user = auth.table_user()(number) if isinstance(number, int) else None
        if user is None or user.registration_key:
            self._refuse(401, "Not authorized")
        auth.user = auth._plain_user(user)
        auth.user_groups = {
            int(k) if str(k).isdigit() else k: v for k, v in (payload.get("user_groups") or {}).items()
        }
        auth.jwt_payload = payload

    def _refuse(self, status: int, text: str) -> NoReturn:
        challenge: dict[str, Any] = {"WWW-Authenticate": f'JWT realm="{self.realm}"'}
        raise HTTP(status, text, **challenge)

    # -- actions -------------------------------------------------------------------------------------

    def jwt_token_manager(self, token_param: str = "_token") -> Any:  # noqa: S107  # the name of a variable
        """Answer a login with a token, or a token with a newer one, as JSON.

        Raises:
            HTTP: 400 and 401 as said above.
        """
        request, response, auth = current.request, current.response, self.auth
        current.session.forget(response)
        token = self._old_token(token_param)
        name, password = request.vars.get(self.user_param), request.vars.get(self.pass_param)
        if name and password and not token:
            user = auth._checked_user(name, password)
            if user is None:
                self._refuse(
                    401,
                    "Not Authorized - need to be logged in, to pass a token for refresh or "
                    "username and password for login",
                )
            known = Storage(user=auth._plain_user(user), hmac_key=_new_key(), user_groups={})
            known.user_groups = {row.id: row.role for row in auth.groups_of(user.id)}
            payload = self.alter_payload(self.serialize_auth_session(known))
        elif token:
            payload = self.refresh_token(self.verify_token(token, verify_expiration=False))
            if not auth.table_user()(registration_key="", id=(payload.get("user") or {}).get("id")):
                self._refuse(401, "Not authorized")
        elif auth.user and current.session.auth:
            payload = self.alter_payload(self.serialize_auth_session(current.session.auth))
        else:
            self._refuse(
                401,
                "Not Authorized - need to be logged in, to pass a token for refresh or "
                "username and password for login",
            )
        response.headers["Content-Type"] = "application/json"
        return serializers.json({"token": self.generate_token(payload)})

    def _old_token(self, token_param: str) -> str | None:
        header = current.request.env.http_authorization
        if header and not str(header).lower().startswith(f"{self.header_prefix.lower()} "):
            return None
        return self.get_jwt_token_from_request(token_param)

    def allows_jwt(
        self,
        otherwise: Any = None,
        required: bool = True,
        verify_expiration: bool = True,
        token_param: str = "_token",  # noqa: S107  # the name of a variable
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorate an action: the token's user is logged in while it runs.

        Put it above ``@auth.requires_login()``.

        Args:
            otherwise: function called when the token is refused.
            required: False lets a request without a token through.
            verify_expiration: refuse tokens that are too old.
            token_param: variable with the token.
        """

        def decorator(action: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(action)
            def guarded(*args: Any, **named: Any) -> Any:
                try:
                    token = self.get_jwt_token_from_request(token_param)
                    if token:
                        payload = self.verify_token(token, verify_expiration)
                        if callable(self.before_authorization):
                            self.before_authorization(payload)
                        self.inject_token(payload)
                    elif required and not self.auth.user:
                        self._refuse(401, "Token is missing")
                except HTTP:
                    if otherwise is not None:
                        return otherwise() if callable(otherwise) else otherwise
                    if required:
                        raise
                return action(*args, **named)

            return guarded

        return decorator


def _new_key() -> str:
    from runtime.tools.auth.base import new_uuid

    return new_uuid()
