"""Cutting a template into text and tags, and the code of a tag into logical lines.

Only as much Python is understood as is needed to know where a string, a
comment or a bracket ends: an end delimiter inside of a string or an open
bracket does not end the tag, and a statement may span several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from runtime.views.problems import TemplateError

DEFAULT_DELIMITERS = ("{{", "}}")

# Possessive quantifiers would save the way back, but CPython 3.11.0 to 3.11.4 match them wrongly here.
_STRING = (
    r'"""(?:[^\\"]|\\.|"(?!""))*"""'
    r"|'''(?:[^\\']|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
)
_TOKEN = re.compile(
    rf"(?P<string>{_STRING})|(?P<comment>\#[^\n]*)|(?P<joined>\\\n)|(?P<newline>\n)"
    r"|(?P<open>[\[({])|(?P<close>[\])}])|(?P<space>[^\S\n]+)|(?P<word>[^\s\[\](){}\"'\\\#]+|.)",
    re.DOTALL,
)
_PARTNER = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text of a template; `line` is where it begins."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Tag:
    """Code between delimiters, without outer blanks; `column` counts UTF-8 bytes before it in its line."""

    code: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One statement or clause; further physical lines of it are kept as written.

    `opens` tells that it ends with a colon, so that a block follows.
    """

    code: str
    line: int
    column: int
    opens: bool


def decode(data: bytes, path: str) -> str:
    """Return the text of a view file; a byte order mark is dropped.

    Raises:
        TemplateError: the file is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise TemplateError(path, line, "the file is not UTF-8 text; save it as UTF-8") from error


def split(text: str, delimiters: tuple[str, str], path: str) -> list[Text | Tag]:
    """Cut `text` into literal text and tags, in order; empty tags are left out.

    Args:
        text: the template.
        delimiters: begin and end of a tag; two different, non-empty texts (RESP-30).
        path: named in errors.

    Raises:
        TemplateError: a tag is not closed.
    """
    left, right = delimiters
    if not left or not right:
        raise TemplateError(path, 1, f"the delimiters {delimiters!r} are not two non-empty texts")
    finder = _end_finder(right)
    pieces: list[Text | Tag] = []
    position, line = 0, 1
    while (start := text.find(left, position)) >= 0:
        if start > position:
            literal = text[position:start]
            pieces.append(Text(literal, line))
            line += literal.count("\n")
        begin = start + len(left)
        end = _end_of_tag(text, begin, right, finder)
        if end < 0:
            raise TemplateError(path, line, f"the tag that begins with {left} is never closed by {right}")
        inner = text[begin:end]
        code = inner.strip()
        if code:
            lead = inner[: len(inner) - len(inner.lstrip())]
            first = begin + len(lead)
            column = len(text[text.rfind("\n", 0, first) + 1 : first].encode("utf-8", "replace"))
            clean = code.replace("\r\n", "\n").replace("\r", "\n")
            pieces.append(Tag(clean, line + lead.count("\n"), column))
        line += inner.count("\n")
        position = end + len(right)
    if position < len(text):
        pieces.append(Text(text[position:], line))
    return pieces


def logical_lines(code: str, line: int, column: int) -> Iterator[LogicalLine]:
    """Cut the code of a tag into logical lines without indentation; comments and empty lines are left out."""
    depth = 0
    start = position = 0
    last = ""
    first_line = line
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup
        if kind == "newline" and depth <= 0:
            if last:
                yield _logical(code, start, position, first_line, column, last)
            line += 1
            first_line, column, last, depth = line, 0, "", 0
            start = match.end()
            continue
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        if kind not in ("space", "comment", "newline", "joined"):
            if not last:  # what precedes the first sign is indentation or a comment
                column += len(code[start : match.start()].encode("utf-8", "replace"))
                start = match.start()
            last = match.group()[-1] if kind != "string" else "s"
            position = match.end()
        if kind != "space":
            line += match.group().count("\n")
    if last:
        yield _logical(code, start, position, first_line, column, last)


def _logical(code: str, start: int, end: int, line: int, column: int, last: str) -> LogicalLine:
    return LogicalLine(code[start:end], line, column, last == ":")


def _end_finder(right: str) -> re.Pattern[str]:
    mark = re.escape(right)
    comment = rf"\#(?:(?!{mark})[^\n])*"
    return re.compile(
        rf"(?P<end>{mark})|(?P<string>{_STRING})|(?P<comment>{comment})|(?P<open>[\[({{])|(?P<close>[\])}}])",
        re.DOTALL,
    )


def _end_of_tag(text: str, begin: int, right: str, finder: re.Pattern[str]) -> int:
    """Return where the end delimiter stands of the tag whose code starts at `begin`, or -1."""
    brackets: list[str] = []
    position = begin
    while match := finder.search(text, position):
        kind, sign = match.lastgroup, match.group()
        position = match.end()
        if kind == "end":
            partner = _PARTNER.get(right[0])
            if not brackets or partner is None or brackets[-1] != partner:
                return match.start()
            brackets.pop()  # the sign closes a bracket of the code: {{={'a': 1}}}
            position = match.start() + 1
        elif kind == "open":
            brackets.append(sign)
        elif kind == "close" and brackets and brackets[-1] == _PARTNER[sign]:
            brackets.pop()
    return text.find(right, begin)
