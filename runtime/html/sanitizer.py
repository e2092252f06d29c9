"""Making foreign HTML harmless: allow-lists of tags and attributes (SEC-02).

The markup is read by a tolerant parser and written anew from what it understood:
nothing of the input reaches the output unescaped except names that are in the lists.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from runtime.foundation.escape import xmlescape
from runtime.html.markup_reader import Attributes, MarkupReader

PERMITTED_TAGS: tuple[str, ...] = (
    "a", "b", "blockquote", "br/", "i", "li", "ol", "ul", "p", "cite", "code", "pre", "img/", "strong", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "thead", "tfoot", "tr", "td", "th", "div", "hr/",
    "span",
)  # fmt: skip
"""Tags kept by default; a trailing slash marks those without content."""

ALLOWED_ATTRIBUTES: Mapping[str, Sequence[str]] = {
    "a": ["href", "title"],
    "img": ["src", "alt"],
    "blockquote": ["type"],
    "td": ["colspan"],
    "th": ["colspan"],
}
"""Attributes kept by default."""

_SAFE_SCHEMES = frozenset({"http", "https", "ftp", "mailto", "tel"})
_URL_ATTRIBUTES = frozenset(
    {"href", "src", "action", "formaction", "cite", "background", "poster", "data", "longdesc", "xlink:href",
     "srcset", "usemap", "manifest", "ping", "profile", "codebase", "classid", "archive", "icon"}
)  # fmt: skip
# Never kept, whatever the caller's lists say: they run code or change how the rest is read.
_NEVER_TAGS = frozenset(
    {"script", "style", "svg", "math", "object", "embed", "applet", "base", "link", "meta", "frame",
     "frameset", "noscript", "noembed", "noframes", "template", "plaintext", "xmp", "title", "textarea",
     "html", "head", "body", "animate", "set", "foreignobject", "portal"}
)  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9:_-]*")
_SCHEME = re.compile(r"[^/?#]*?:")
_UNSAFE_CSS = re.compile(
    r"[\\<>]|/\*|expression|javascript|vbscript|url\s*\(|@import|behavior|-moz-binding", re.I
)


def safe_url(url: str) -> bool:
    """Tell whether `url` is relative or has a scheme that runs no code.

    Only a scheme of the list passes, so spaces and control characters that
    browsers ignore inside of one cannot hide another.
    """
    match = _SCHEME.match(url.strip())
    return match is None or match.group()[:-1].lower() in _SAFE_SCHEMES


class _Cleaner(MarkupReader):
    def __init__(
        self, permitted: Sequence[str], attributes: Mapping[str, Sequence[str]], escape: bool
    ) -> None:
        names = {name.rstrip("/").strip().lower(): name.endswith("/") for name in permitted}
        self.permitted = {n: void for n, void in names.items() if n not in _NEVER_TAGS and _NAME.fullmatch(n)}
        self.attributes = {
            tag.rstrip("/").lower(): {a.lower() for a in allowed} for tag, allowed in attributes.items()
        }
        self.escape = escape
        self.out: list[str] = []
        self.open: list[str] = []
        self.count: Counter[str] = Counter()  # of each name in `open`

    def _refuse(self, source: str) -> None:
        if self.escape:
            self.out.append(xmlescape(source))

    def start(self, tag: str, attributes: Attributes, closed: bool, source: str) -> None:
        if tag not in self.permitted:
            self._refuse(source)
            return
        kept = "".join(
            f' {name}="{xmlescape(value or "")}"'
            for name, value in dict(attributes).items()
            if self._keeps(tag, name, value)
        )
        if self.permitted[tag]:
            self.out.append(f"<{tag}{kept} />")
        else:
            self.out.append(f"<{tag}{kept}>")
            self.open.append(tag)
            self.count[tag] += 1

    def _keeps(self, tag: str, name: str, value: str | None) -> bool:
        if name not in self.attributes.get(tag, ()) or name.startswith("on") or not _NAME.fullmatch(name):
            return False
        if name == "style":
            return not _UNSAFE_CSS.search(value or "")
        if name == "srcset":
            return all(safe_url(part.strip()) for part in (value or "").split(","))
        return name != "srcdoc" and (name not in _URL_ATTRIBUTES or safe_url(value or ""))

    def end(self, tag: str, source: str) -> None:
        if self.permitted.get(tag):
            return
        if not self.count[tag]:
            self._refuse(source)
            return
        last = ""
        while last != tag:
            last = self.open.pop()
            self.count[last] -= 1
            self.out.append(f"</{last}>")

    def data(self, text: str) -> None:
        self.out.append(xmlescape(text))

    def other(self, source: str) -> None:
        self._refuse(source)

    def result(self) -> str:
        self.out.extend(f"</{tag}>" for tag in reversed(self.open))
        return "".join(self.out)


def sanitize_html(
    text: str,
    permitted_tags: Sequence[str] = PERMITTED_TAGS,
    allowed_attributes: Mapping[str, Sequence[str]] = ALLOWED_ATTRIBUTES,
    escape: bool = True,
) -> str:
    """Return `text` with the permitted tags and attributes alone; unclosed tags are closed.

    Args:
        text: foreign HTML.
        permitted_tags: names of tags to keep; those without content end with ``/``.
        allowed_attributes: names of attributes for each tag. Addresses are
            kept when relative or http, https, ftp, mailto, tel.
        escape: show refused tags as text (default) instead of dropping them.
    """
    cleaner = _Cleaner(permitted_tags, allowed_attributes, escape)
    cleaner.feed(text.replace("\0", "\ufffd"))
    return cleaner.result()


def sanitize(
    text: str,
    permitted_tags: Sequence[str] = PERMITTED_TAGS,
    allowed_attributes: Mapping[str, Sequence[str]] = ALLOWED_ATTRIBUTES,
    escape: bool = True,
) -> str:
    """The documented name of `sanitize_html`; anything that is no text is converted by ``str()`` first."""
    return sanitize_html(str(text), permitted_tags, allowed_attributes, escape)
