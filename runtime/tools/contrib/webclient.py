"""`WebClient`: a browser without a screen, for tests of running applications (TEST-05)."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

DEFAULT_HEADERS = {
    "user-agent": "Mozilla/5.0 (compatible; Hadron WebClient)",
    "accept-language": "en",
}


class _Forms(HTMLParser):
    """Collects the hidden fields of each form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.forms.append({})
        elif tag == "input" and self.forms and values.get("type") == "hidden" and values.get("name"):
            self.forms[-1][str(values["name"])] = values.get("value") or ""


class WebClient:
    """Keeps cookies and the hidden fields of forms between requests.

    After each request: `status`, `headers` (lower case), `text`, `url`, `time`
    (seconds), `cookies`, `forms` (key by form name), `sessions` (by application).

    Args:
        app: beginning of all addresses, as ``http://127.0.0.1:8000/myapp/default/``.
        postbacks: True reads the keys of forms, so that `post` can send them.
        default_headers: headers of every request.
        session_regex: finds the cookies of sessions; its group ``name`` is the application.
    """

    def __init__(
        self,
        app: str = "",
        postbacks: bool = True,
        default_headers: Mapping[str, str] = DEFAULT_HEADERS,
        session_regex: str = r"session_id_(?P<name>.+)",
    ) -> None:
        self.app, self.postbacks = app, postbacks
        self.default_headers = dict(default_headers)
        self.session_regex = session_regex
        self.cookies: dict[str, str] = {}
        self.forms: dict[str, str] = {}
        self.sessions: dict[str, str] = {}
        self.history: list[tuple[str, str, int, float]] = []
        self.status: int = 0
        self.headers: dict[str, str] = {}
        self.text = self.url = ""
        self.time = 0.0

    def get(
        self,
        url: str,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> None:
        """Ask for a page; arguments as those of `post`."""
        self.post(url, None, cookies, headers, auth, method="GET")

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        method: str = "auto",
    ) -> None:
        """Send a form.

        Args:
            url: address behind `app`.
            data: fields; with ``_formname`` the form's key is added, and a form that
                was not seen yet is asked for first.
            cookies: sent instead of the kept ones.
            headers: further headers.
            auth: user and password for basic authentication.
            method: ``auto`` posts when there is `data`.

        Raises:
            ValueError: not an http address.
            urllib.error.URLError: the server does not answer. An answer with an
                error status is kept in `status`, not raised.
        """
        address = self.app + url
        if urlsplit(address).scheme not in ("http", "https"):
            raise ValueError(f"{address} is no http address")
        fields = dict(data or {})
        if self.postbacks and "_formname" in fields and "_formkey" not in fields:
            name = str(fields["_formname"])
            if name not in self.forms:
                self.get(url, cookies, headers, auth)
            if name in self.forms:
                fields["_formkey"] = self.forms[name]
        body = urlencode(fields, doseq=True).encode() if data is not None else None
        verb = ("POST" if body is not None else "GET") if method == "auto" else method
        sent = self.default_headers | {k.lower(): v for k, v in (headers or {}).items()}
        jar = self.cookies if cookies is None else dict(cookies)
        if jar:
            sent["cookie"] = "; ".join(f"{key}={value}" for key, value in jar.items())
        if auth:
            from base64 import b64encode

            sent["authorization"] = "Basic " + b64encode(":".join(auth).encode()).decode()
        self._open(urllib.request.Request(address, body, sent, method=verb))  # noqa: S310  # checked

    def _open(self, request: urllib.request.Request) -> None:
        begun = time.monotonic()
        opener = urllib.request.build_opener(_Redirects(self))
        try:
            answer: Any = opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        self.time = time.monotonic() - begun
        self.status, self.url = answer.status, answer.geturl()
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        charset = answer.headers.get_content_charset() or "utf-8"
        self.text = content.decode(charset, "replace")
        self.keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        if self.postbacks:
            forms = _Forms()
            forms.feed(self.text)
            found = {f["_formname"]: f.get("_formkey", "") for f in forms.forms if "_formname" in f}
            self.forms.update(found)
        self.history.append((request.get_method(), self.url, self.status, self.time))

    def keep_cookies(self, lines: list[str]) -> None:
        """Take over ``Set-Cookie`` headers."""
        for line in lines:
            jar: SimpleCookie = SimpleCookie()
            try:
                jar.load(line)
            except CookieError:
                continue
            for name, morsel in jar.items():
                self.cookies[name] = morsel.value
                found = re.fullmatch(self.session_regex, name)
                if found:
                    self.sessions[found["name"]] = morsel.value


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, and keeps the cookies that come with them."""

    def __init__(self, client: WebClient) -> None:
        self.client = client

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        self.client.keep_cookies(headers.get_all("Set-Cookie") or [])
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and self.client.cookies:
            cookie = "; ".join(f"{key}={value}" for key, value in self.client.cookies.items())
            request.add_header("Cookie", cookie)
        return request
