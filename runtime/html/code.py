"""`CODE`: program text with colours and line numbers (NAMES-04). Pygments is loaded at first use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from runtime.foundation.escape import xmlescape
from runtime.html.element import DIV

API_NAMES = frozenset(
    [
        "A",
        "B",
        "BEAUTIFY",
        "BODY",
        "BR",
        "BUTTON",
        "CAT",
        "CENTER",
        "CODE",
        "COL",
        "COLGROUP",
        "DAL",
        "DIV",
        "EM",
        "EMBED",
        "FIELDSET",
        "FORM",
        "Field",
        "H1",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "HEAD",
        "HR",
        "HTML",
        "HTTP",
        "I",
        "IFRAME",
        "IMG",
        "INPUT",
        "IS_ALPHANUMERIC",
        "IS_DATE",
        "IS_DATETIME",
        "IS_DATETIME_IN_RANGE",
        "IS_DATE_IN_RANGE",
        "IS_DECIMAL_IN_RANGE",
        "IS_EMAIL",
        "IS_EMPTY_OR",
        "IS_EQUAL_TO",
        "IS_EXPR",
        "IS_FLOAT_IN_RANGE",
        "IS_IMAGE",
        "IS_INT_IN_RANGE",
        "IS_IN_DB",
        "IS_IN_SET",
        "IS_IPV4",
        "IS_LENGTH",
        "IS_LIST_OF",
        "IS_LOWER",
        "IS_MATCH",
        "IS_NOT_EMPTY",
        "IS_NOT_IN_DB",
        "IS_SLUG",
        "IS_STRONG",
        "IS_TIME",
        "IS_UPLOAD_FILENAME",
        "IS_UPPER",
        "IS_URL",
        "LABEL",
        "LEGEND",
        "LI",
        "LINK",
        "LOAD",
        "MARKMIN",
        "MENU",
        "META",
        "OBJECT",
        "OL",
        "ON",
        "OPTGROUP",
        "OPTION",
        "P",
        "PRE",
        "SCRIPT",
        "SELECT",
        "SPAN",
        "SQLDB",
        "SQLFORM",
        "SQLTABLE",
        "STRONG",
        "STYLE",
        "T",
        "TABLE",
        "TAG",
        "TBODY",
        "TD",
        "TEXTAREA",
        "TFOOT",
        "TH",
        "THEAD",
        "TITLE",
        "TR",
        "TT",
        "UL",
        "URL",
        "XHTML",
        "XML",
        "cache",
        "embed64",
        "local_import",
        "redirect",
        "request",
        "response",
        "session",
        "xmlescape",
    ]
)
"""Names that ``link`` turns into links to their documentation."""

_LEXERS = {"html_plain": "html", "html plain": "html", "web2py": "python", "cpp": "cpp", "c++": "cpp"}
_TEMPLATE_CODE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_LINE_STYLE = (
    "font-size: 11px; font-family: Bitstream Vera Sans Mono,monospace; background-color: #E0E0E0; "
    "color: #A0A0A0; margin: 0; padding: 5px; border: none;"
)
_CODE_STYLE = (
    "font-size: 11px; font-family: Bitstream Vera Sans Mono,monospace; background-color: transparent; "
    "margin: 0; padding: 5px; border: none; overflow: auto; white-space: pre !important;"
)
_HIGHLIGHT_STYLE = "background-color: #FFFF00;"


class CODE(DIV):
    """Program text with syntax colours.

    Args:
        language: ``python`` (default), ``html`` (with ``{{ }}`` as Python), ``html_plain``,
            ``web2py``, ``c``, ``cpp``, ``sql`` and every other name Pygments knows;
            None or an unknown one: no colours.
        link: address before the names of the framework's API, which become links.
        counter: number of the first line (default 1); None for no numbers; a text is a prompt.
        highlight_line: number of a line to mark.
        context_lines: show only this many lines around the marked one.
        styles: dictionary with ``CODE``, ``LINENUMBERS`` or ``HIGHLIGHT``, replacing the styles used.
    """

    def xml(self) -> str:
        text = "".join(str(component) for component in self.components)
        text = text.replace("\r\n", "\n").strip("\n")
        styles = self["styles"] or {}
        counter = self.attributes.get("counter", 1)
        marked = self["highlight_line"]
        first = counter if isinstance(counter, int) else 1
        lines = _coloured_lines(text, self.attributes.get("language", "python"), self["link"])
        shown = list(enumerate(lines, first))
        if marked is not None:
            marked = int(marked)
            context = self["context_lines"]
            if context is not None:
                shown = [(n, line) for n, line in shown if abs(n - marked) <= int(context)]
        highlight = xmlescape(styles.get("HIGHLIGHT", _HIGHLIGHT_STYLE))
        body = "\n".join(
            f'<div style="{highlight}">{line}</div>' if number == marked else line for number, line in shown
        )
        numbers = "" if counter is None or counter == "" else _numbers(shown, counter)
        own = {k: v for k, v in self.attributes.items() if k[:1] == "_"}
        return (
            f"<table{DIV(**own)._attributes_text()}>"
            '<tr style="vertical-align:top;"><td style="min-width:40px; text-align: right;">'
            f'<pre style="{xmlescape(styles.get("LINENUMBERS", _LINE_STYLE))}">{numbers}</pre></td>'
            f'<td><pre style="{xmlescape(styles.get("CODE", _CODE_STYLE))}">{body}</pre></td></tr></table>'
        )


def _numbers(shown: Iterable[tuple[int, str]], counter: Any) -> str:
    prompt = xmlescape(counter) if isinstance(counter, str) else None
    return "\n".join(f"{number}." if prompt is None else prompt for number, _ in shown)


def _coloured_lines(text: str, language: str | None, link: str | None) -> list[str]:
    lines = [""]
    for style, value, is_name in _styled(text, language):
        for i, part in enumerate(value.split("\n")):
            if i:
                lines.append("")
            if not part:
                continue
            markup = xmlescape(part)
            if link and is_name and part in API_NAMES:
                markup = f'<a href="{xmlescape(str(link) + part)}">{markup}</a>'
            lines[-1] += f'<span style="{style}">{markup}</span>' if style else markup
    return lines


def _styled(text: str, language: str | None) -> Iterator[tuple[str, str, bool]]:
    tokens = _tokens(text, language)
    if tokens is None:
        yield "", text, False
        return
    from pygments.styles import get_style_by_name
    from pygments.token import Token

    colours = get_style_by_name("default")
    for _, kind, value in tokens:
        yield _css(colours.style_for_token(kind)), value, kind in Token.Name


def _css(style: dict[str, Any]) -> str:
    parts = [f"color: #{style['color']}"] if style["color"] else []
    if style["bold"]:
        parts.append("font-weight: bold")
    if style["italic"]:
        parts.append("font-style: italic")
    return "; ".join(parts)


def _tokens(text: str, language: str | None) -> Any:
    """Return ``(position, kind, text)`` of each word, or None when the language is unknown."""
    if not language:
        return None
    from pygments.lexer import do_insertions
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = str(language).lower()
    try:
        lexer = get_lexer_by_name(_LEXERS.get(name, name))
    except ClassNotFound:
        return None
    if name != "html":
        return lexer.get_tokens_unprocessed(text)
    # HTML is read without the {{ }} parts, which are then put back with their own colours.
    python = get_lexer_by_name("python")
    insertions = []
    removed = 0
    for match in _TEMPLATE_CODE.finditer(text):
        insertions.append((match.start() - removed, list(python.get_tokens_unprocessed(match.group()))))
        removed += len(match.group())
    plain = _TEMPLATE_CODE.sub("", text)
    if not plain:
        return python.get_tokens_unprocessed(text)
    return do_insertions(insertions, lexer.get_tokens_unprocessed(plain))
