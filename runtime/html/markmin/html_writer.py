"""MARKMIN written as HTML: blocks and code spans; `links` and `inline` do the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runtime.foundation.escape import xmlescape
from runtime.html.markmin.inline import Inline
from runtime.html.markmin.marks import PLACEHOLDER, Code, reveal

COLOURS = frozenset(
    {"aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon"}
    | {"navy", "olive", "purple", "red", "silver", "teal", "white", "yellow"}
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+|(?:rgb|hsl)a?\([\d\s.,%/]*\)")

Allowed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Options:
    """What `render` was called with; see there."""

    extra: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    allowed: Allowed = field(default_factory=dict)
    sep: str | None = "p"
    url: Callable[..., Any] | None = None
    environment: Mapping[str, Any] | None = None
    latex: Any = "google"
    autolinks: Any = "default"
    protolinks: Any = "default"
    class_prefix: str = ""
    id_prefix: str = "markmin_"
    pretty_print: bool = False


class HtmlWriter:
    """The `Writer` of HTML (see `blocks`)."""

    def __init__(self, options: Options, codes: list[Code]) -> None:
        self.options = options
        self.codes = codes
        self.end = "\n" if options.pretty_print else ""
        self._inline = Inline(options, codes, self.render_code)
        self.inline = self._inline.render

    def attributes(self, kind: str, cls: str, identifier: str) -> str:
        """Return ``class`` and ``id`` with their prefixes; classes not allowed for `kind` are left out."""
        allowed = self.options.allowed.get(kind)
        out = ""
        if cls and cls != "id" and (allowed is None or cls in allowed):
            out += f' class="{xmlescape(self.options.class_prefix + cls)}"'
        if identifier:
            out += f' id="{xmlescape(self.options.id_prefix + reveal(identifier))}"'
        return out

    # Code spans.

    def _code(self, placeholder: str) -> Code:
        match = PLACEHOLDER.search(placeholder)
        assert match is not None  # the callers have found it
        return self.codes[int(match[1])]

    def is_block_code(self, placeholder: str) -> bool:
        return self._code(placeholder).block

    def code(self, placeholder: str) -> str:
        return self.render_code(self._code(placeholder)) + self.end

    def render_code(self, code: Code) -> str:
        extra = self.options.extra.get(code.cls)
        if extra is not None:
            return str(extra(code.text, code.args) if code.args else extra(code.text))
        if code.cls == "cite":
            return self._cite(code.text)
        if code.cls == "latex":
            return self._latex(code.text)
        style = _colour_style(code)
        if style:
            return f'<span style="{style}">{self._inline.nested(code.raw)}</span>'
        attributes = self.attributes("code", code.cls, code.args or "")
        text = f"<code{attributes}>{xmlescape(code.text, quote=False)}</code>"
        return f"<pre>{text}</pre>" if code.block else text

    def _cite(self, keys: str) -> str:
        prefix = self.options.id_prefix
        links = (
            f'<a href="#{xmlescape(prefix + key)}" class="{xmlescape(self.options.class_prefix)}cite">'
            f"{xmlescape(key, quote=False)}</a>"
            for key in (part.strip() for part in keys.split(","))
            if key
        )
        return f"[{','.join(links)}]"

    def _latex(self, formula: str) -> str:
        if callable(self.options.latex):
            return str(self.options.latex(formula))
        cls = xmlescape(self.options.class_prefix + "latex")
        return f'<span class="{cls}">\\({xmlescape(formula, quote=False)}\\)</span>'

    # Blocks.

    def paragraphs(self, texts: list[str]) -> str:
        if self.options.sep == "p":
            return "".join(f"<p>{text}</p>{self.end}" for text in texts)
        return ("<br />" if self.options.sep == "br" else "\n").join(texts) + self.end

    def header(self, level: int, text: str) -> str:
        return f"<h{level}>{text}</h{level}>{self.end}"

    def separator(self) -> str:
        return f"<hr />{self.end}"

    def quote(self, content: str, cls: str, identifier: str) -> str:
        return f"<blockquote{self.attributes('blockquote', cls, identifier)}>{content}</blockquote>{self.end}"

    def table(self, sections: list[list[list[tuple[str, bool]]]], cls: str, identifier: str) -> str:
        tags = ["tbody"] * len(sections)
        if len(sections) > 1:
            tags[0] = "thead"
        if len(sections) > 2:
            tags[-1] = "tfoot"
        parts = "".join(
            f"<{tag}>{self.end}{''.join(map(self._row, range(len(rows)), rows))}</{tag}>{self.end}"
            for tag, rows in zip(tags, sections, strict=True)
        )
        return f"<table{self.attributes('table', cls, identifier)}>{self.end}{parts}</table>{self.end}"

    def _row(self, number: int, cells: list[tuple[str, bool]]) -> str:
        cls = ' class="first"' if number == 0 else ' class="even"' if number % 2 else ""
        row = "".join(
            f'<td class="num">{text}</td>' if is_number else f"<td>{text}</td>" for text, is_number in cells
        )
        return f"<tr{cls}>{row}</tr>{self.end}"

    def list_open(self, ordered: bool) -> str:
        return ("<ol>" if ordered else "<ul>") + self.end

    def list_close(self, ordered: bool) -> str:
        return ("</ol>" if ordered else "</ul>") + self.end

    def item_open(self) -> str:
        return "<li>"

    def item_close(self) -> str:
        return f"</li>{self.end}"


def _colour_style(code: Code) -> str:
    """Return the style that a class such as ``red`` or ``color[red:blue]`` stands for, or nothing."""
    if code.cls in COLOURS:
        return f"color: {code.cls}"
    if code.cls not in ("c", "color") or code.args is None:
        return ""
    front, _, back = (part.strip() for part in code.args.partition(":"))
    style = f"color: {front};" if _COLOUR.fullmatch(front) else ""
    return style + (f"background-color: {back};" if _COLOUR.fullmatch(back) else "")
