"""A page in a language that a translator wants to see (TR-08).

Only a server that the desktop started shows one, and only to a browser on the same machine: the rule
for rich error pages. ``?_language=it`` chooses, a cookie of the browser's session keeps the choice for
the pages after it, an empty value ends it. An application that forces a language of its own still does.
"""

from __future__ import annotations

import re
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

COOKIE = "hadron_language"
VARIABLE = "_language"
CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*\Z", re.IGNORECASE)


def previewed_language(environ: dict[str, Any], cookies: SimpleCookie) -> str:
    """Return the language wanted for this page, empty for the browser's own.

    Args:
        environ: of the request.
        cookies: those of the response; the choice is kept there when the address makes one.
    """
    query = environ.get("QUERY_STRING", "")
    if VARIABLE in query:
        given = parse_qs(query, keep_blank_values=True).get(VARIABLE)
        if given is not None:
            language = given[-1] if CODE.match(given[-1]) else ""
            cookies[COOKIE] = language
            cookies[COOKIE]["path"] = "/"
            cookies[COOKIE]["httponly"] = True
            cookies[COOKIE]["samesite"] = "Lax"
            if not language:
                cookies[COOKIE]["max-age"] = 0
            return language
    return _kept(environ.get("HTTP_COOKIE", ""))


def _kept(header: str) -> str:
    if COOKIE not in header:
        return ""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None and CODE.match(morsel.value) else ""
