"""`HTTP`, the one exception that is an answer, and `redirect` (HTTP-01..11)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

from runtime.foundation.current import current
from runtime.foundation.escape import xmlescape

if TYPE_CHECKING:
    from http.cookies import SimpleCookie

REASONS: dict[int, str] = {status.value: status.phrase.upper() for status in HTTPStatus} | {
    418: "I'M A TEAPOT",
    422: "UNPROCESSABLE ENTITY",
}
"""Reason phrase of each standard status code (HTTP-11)."""

defined_status = REASONS


def clean_header(value: Any) -> str:
    """Return `value` as header text; control characters, CR and LF become blanks (HTTP-09)."""
    text = value if type(value) is str else str(value)
    return text if text.isprintable() else "".join(c if c >= " " and c != "\x7f" else " " for c in text)


class HTTP(BaseException):
    """Raise it anywhere in application code to answer with a status and body (HTTP-01, HTTP-02).

    It is no `Exception`, so that ``except Exception`` in an application does
    not swallow a redirect (HTTP-05). Open transactions are committed (HTTP-03).

    Args:
        status: status code, or a text as ``"404 NOT FOUND"``.
        body: text, bytes, a helper, or an iterable of these.
        cookies: a `SimpleCookie` whose cookies are sent along.
        headers: header names (underscore for hyphen is not applied) and values;
            a value of None drops the header, a list sends it several times.
    """

    def __init__(
        self, status: int | str, body: Any = "", cookies: SimpleCookie | None = None, **headers: Any
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers: dict[str, Any] = headers
        if cookies:
            self.cookies2headers(cookies)

    def cookies2headers(self, cookies: SimpleCookie) -> None:
        """Add one ``Set-Cookie`` header per morsel of `cookies`."""
        kept = self.headers.get("Set-Cookie") or []
        self.headers["Set-Cookie"] = kept + [morsel.OutputString() for morsel in cookies.values()]

    @property
    def code(self) -> int:
        """The status as a number; 500 when it has none."""
        status = self.status
        if isinstance(status, int):
            return status
        try:
            return int(str(status).split(" ", 1)[0])
        except ValueError:
            return 500

    @property
    def status_line(self) -> str:
        """Status code and reason phrase, as WSGI wants it (HTTP-11)."""
        code = self.code
        if code != self.status and " " in (text := str(self.status)):
            return clean_header(text)
        return f"{code} {REASONS.get(code, 'UNKNOWN')}"

    @property
    def message(self) -> str:
        """Status line, with the body behind it when that is a short text."""
        return f"{self.status_line} {self.body}" if isinstance(self.body, str) else self.status_line

    def header_list(self) -> list[tuple[str, str]]:
        """Return the headers as WSGI wants them; None values are left out."""
        out: list[tuple[str, str]] = []
        for name, value in self.headers.items():
            if type(value) is str and value.isprintable() and name.isprintable():  # the usual header
                out.append((name, value))
            elif isinstance(value, list):
                out.extend((clean_header(name), clean_header(v)) for v in value if v is not None)
            elif value is not None:
                out.append((clean_header(name), clean_header(value)))
        return out

    def __str__(self) -> str:
        return self.message


def redirect(
    location: Any = "",
    how: int = 303,
    client_side: bool = False,
    headers: dict[str, Any] | None = None,
    type: str | None = None,
) -> NoReturn:
    """Leave the action and send the visitor to `location` (HTTP-06..09).

    Args:
        location: address; CR and LF are neutralised. Empty with `client_side`
            on an Ajax request reloads the page.
        how: status code, 303 by default.
        client_side: on an Ajax request let the whole page go there instead
            of the component (HTTP-08). ``type='auto'`` is the old spelling.
        headers: further headers.

    Raises:
        HTTP: always.
    """
    target = clean_header(location).replace("\r", "%0D").replace("\n", "%0A").strip()
    extra = dict(headers or {})
    request = getattr(current, "request", None)
    ajax = bool(request is not None and request.ajax)
    if (client_side or type == "auto") and ajax:
        if target:
            extra["web2py-redirect-location"] = target
        else:
            extra["web2py-component-command"] = "window.location.reload(true)"
        raise HTTP(200, **extra)
    if not target:
        raise HTTP(how, **extra)
    body = f'You are being redirected <a href="{xmlescape(target)}">here</a>'
    raise HTTP(how, body, **({"Location": target} | extra))
