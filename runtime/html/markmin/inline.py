"""Text within a MARKMIN block: emphasis, links, addresses, variables."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runtime.foundation.escape import xmlescape
from runtime.html.markmin import links
from runtime.html.markmin.marks import PLACEHOLDER, Code, hide, reveal, take_codes

if TYPE_CHECKING:
    from runtime.html.markmin.html_writer import Options

# Spans have a greatest length, so that unclosed marks cannot make the time grow with its square.
_LINK = re.compile(r"\[\[(.{1,1000}?)\]\](?!\])", re.DOTALL)
_MARKS = re.compile(
    r"\*\*(?=[^\s*])(?P<strong>.{1,1000}?)(?<=[^\s*])\*\*|''(?P<em>.{1,1000}?)''|~~(?P<del>.{1,1000}?)~~",
    re.DOTALL,
)
_VARIABLE = re.compile(r"@\{(?P<name>\w+)(?::(?P<args>[^{}]*))?\}")
_AT_URL = re.compile(r"@/(?P<a>\w*)/(?P<c>\w*)/(?P<f>\w*(?:\.\w+)?)(?P<args>(?:/[\w.~-]*)*)")
_KEYWORD = re.compile(r"\s*(\w+)\s*=\s*(.*)\Z", re.DOTALL)
_ARGUMENT = re.compile(r"""((?:[^,"'\[\]()]|"[^"]*"|'[^']*'|\[[^\]]*\]|\([^)]*\))+)""")
_MARKUP = re.compile(r"\x06(\d+)\x06")
MAX_NESTING = 20
"""Coloured texts inside one another deeper than this are left as they are."""


class Inline:
    """Renders texts within blocks.

    Args:
        options: what `render` was called with.
        codes: code spans of the document, by the number of their placeholder.
        render_code: gives the markup of one.
    """

    def __init__(self, options: Options, codes: list[Code], render_code: Callable[[Code], str]) -> None:
        self.options = options
        self.codes = codes
        self.render_code = render_code
        self.linker = links.Linker(options, self.render, self.source)
        self._nesting = 0
        self._markup: list[str] = []  # finished pieces, by the number of the placeholder that stands for them

    def _keep(self, html: str) -> str:
        self._markup.append(html)
        return f"\x06{len(self._markup) - 1}\x06"

    def render(self, text: str, addresses: bool = True) -> str:
        """Return the markup of `text`, everything that is no markup escaped.

        Args:
            text: with placeholders for code spans.
            addresses: make links of the addresses in the text; not within a link.
        """

        def link(match: re.Match[str]) -> str:
            html = self.linker.link(match[1])
            return match.group() if html is None else self._keep(html)

        text = self._variables(text)
        if self.options.url is not None:
            text = _AT_URL.sub(self._at_url, text)
        text = _LINK.sub(link, text)
        if addresses:
            text = self.linker.find_addresses(text, self._keep)
        html = _emphasis(xmlescape(text, quote=False))
        html = PLACEHOLDER.sub(lambda m: self.render_code(self.codes[int(m[1])]), html)
        return self._insert_markup(reveal(html))

    def _insert_markup(self, text: str) -> str:
        return _MARKUP.sub(lambda m: self._markup[int(m[1])], text)

    def nested(self, raw: str) -> str:
        """Return the markup of the text of a coloured span, which may hold all that a paragraph may."""
        if self._nesting >= MAX_NESTING:
            return xmlescape(reveal(raw), quote=False)
        inner, codes = take_codes(raw)
        self._nesting += 1
        outer, self.codes = self.codes, codes
        try:
            return self.render(inner)
        finally:
            self.codes = outer
            self._nesting -= 1

    def source(self, text: str) -> str:
        """Return `text` as it was written, for places that hold no markup, such as titles."""
        return self._insert_markup(reveal(PLACEHOLDER.sub(lambda m: self.codes[int(m[1])].source, text)))

    # Variables and addresses of actions.

    def _variables(self, text: str) -> str:
        environment = self.options.environment
        if environment is None:
            return text

        def value(match: re.Match[str]) -> str:
            found = environment.get(match["name"], "")
            if callable(found):
                found = _call(found, match["args"], environment)
            return self._keep(found.xml()) if callable(getattr(found, "xml", None)) else hide(str(found))

        return _VARIABLE.sub(value, text)

    def _at_url(self, match: re.Match[str]) -> str:
        assert self.options.url is not None  # the caller has looked
        args = match["args"].split("/")[1:]
        return str(
            self.options.url(
                a=match["a"] or None,
                c=match["c"] or None,
                f=match["f"] or None,
                args=args,
                scheme=True,
                host=True,
            )
        )


def _emphasis(text: str) -> str:
    def mark(match: re.Match[str]) -> str:
        tag = str(match.lastgroup)
        return f"<{tag}>{_emphasis(match[tag])}</{tag}>"

    return _MARKS.sub(mark, text)


def _call(function: Callable[..., Any], args: str | None, environment: Any) -> Any:
    """Call a function of the environment: with one text, or with keywords when written ``name=value``."""
    if args is None or not _KEYWORD.match(args):
        return function(args if args is None else reveal(args))
    pairs = [_KEYWORD.match(part) for part in _ARGUMENT.findall(reveal(args))]
    return function(**{pair[1]: _value(pair[2].strip(), environment) for pair in pairs if pair})


def _value(text: str, environment: Any) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return environment.get(text, text)
