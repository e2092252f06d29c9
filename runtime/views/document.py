"""One template file as a tree: texts, prints, code, blocks, includes; nothing of other files."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.views.problems import TemplateError
from runtime.views.scanner import DEFAULT_DELIMITERS, LogicalLine, Tag, Text, decode, logical_lines, split

_DIRECTIVE = re.compile(r"(block|end|super|include|extend)(?:[ \t]+(?!=)(.*))?", re.DOTALL)

Lexer = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """Python source of an expression and where it begins."""

    source: str
    line: int
    column: int = 0

    def literal(self) -> str | None:
        """Return the text the expression is, when it is a plain string literal."""
        try:
            value = ast.literal_eval(self.source)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Print:
    """``{{=expression}}``."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class Include:
    """``{{include 'x.html'}}``, or with no `name` the place of the extending page in a layout."""

    name: Expression | None
    line: int


@dataclass(frozen=True, slots=True)
class Super:
    """``{{super}}``; `name` is the block whose inherited content is meant."""

    name: str
    line: int


@dataclass(slots=True)
class Block:
    """``{{block name}}...{{end}}``; also the body of a whole file, whose name is empty."""

    name: str
    line: int
    items: list[Item] = field(default_factory=list)


Item = Text | Print | LogicalLine | Include | Super | Block


@dataclass(slots=True)
class Document:
    """A parsed template file.

    `preamble` is what stands before ``{{extend}}`` and runs before the layout;
    `blocks` holds every block by name, nested ones too, the last of a name counts.
    """

    path: str
    text: str
    body: Block
    preamble: Block
    extend: Expression | None
    blocks: dict[str, Block]


def parse(
    text: str,
    path: str,
    delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
    lexers: Mapping[str, Lexer] | None = None,
) -> Document:
    """Parse the template `text` (LIB-32).

    Args:
        text: the template.
        path: named in errors.
        delimiters: begin and end of a tag.
        lexers: functions for further tag names; each is called with ``parser``,
            ``value``, ``top`` and ``stack``, and puts code lines in with ``top.append(text)``.

    Raises:
        TemplateError: a tag or block is not closed, or stands where it may not.
    """
    return _Parser(text, path, delimiters, lexers or {}).document


class _Parser:
    def __init__(
        self, text: str, path: str, delimiters: tuple[str, str], lexers: Mapping[str, Lexer]
    ) -> None:
        body = Block("", 1)
        self.document = Document(path, text, body, Block("", 1), None, {})
        self.lexers = lexers
        self.stack = [body]
        for piece in split(text, delimiters, path):
            if isinstance(piece, Text):
                self.stack[-1].items.append(piece)
            else:
                self._tag(piece)
        if len(self.stack) > 1:
            block = self.stack[-1]
            raise self._error(
                block.line, f"the block {block.name!r} is never closed: an {{{{end}}}} is missing"
            )

    def _error(self, line: int, reason: str) -> TemplateError:
        return TemplateError(self.document.path, line, reason)

    def _tag(self, tag: Tag) -> None:
        items = self.stack[-1].items
        if self.lexers:
            name, _, value = tag.code.partition(" ")
            if name in self.lexers:
                self.lexers[name](parser=self, value=value, top=_LexerTop(items, tag), stack=self.stack)
                return
        if tag.code.startswith("="):
            items.append(self._print(tag.code, tag.line, tag.column))
        elif match := _DIRECTIVE.fullmatch(tag.code):
            self._directive(match[1], (match[2] or "").strip(), tag, match.start(2))
        else:
            for line in logical_lines(tag.code, tag.line, tag.column):
                if line.code.startswith("="):
                    items.append(self._print(line.code, line.line, line.column))
                else:
                    items.append(line)

    def _print(self, code: str, line: int, column: int) -> Print:
        source = code[1:]
        if not source.strip():
            raise self._error(line, "there is nothing to print after the equals sign")
        return Print(Expression(source, line, column + 1))

    def _directive(self, name: str, value: str, tag: Tag, offset: int) -> None:
        items, line = self.stack[-1].items, tag.line
        expression = Expression(value, line, tag.column + max(offset, 0)) if value else None
        if name == "block":
            if not value:
                raise self._error(line, "a block needs a name: {{block name}}")
            block = Block(value, line)
            items.append(block)
            self.stack.append(block)
        elif name == "end":
            if len(self.stack) == 1:
                raise self._error(line, "this {{end}} closes no {{block}}")
            block = self.stack.pop()
            self.document.blocks[block.name] = block
        elif name == "super":
            items.append(Super(value or self.stack[-1].name, line))
        elif name == "include":
            items.append(Include(expression, line))
        else:
            self._extend(expression, line)

    def _extend(self, name: Expression | None, line: int) -> None:
        document = self.document
        if name is None:
            raise self._error(line, "{{extend}} needs the name of a layout: {{extend 'layout.html'}}")
        if document.extend is None:
            # Texts and code before the first {{extend}} come before the layout; includes
            # and blocks stay part of the page (as in every implementation of the language).
            kept: list[Item] = []
            for item in document.body.items:
                early = isinstance(item, (Text, Print, LogicalLine))
                (document.preamble.items if early else kept).append(item)
            document.body.items[:] = kept
        document.extend = name


class _LexerTop:
    """What a custom lexer adds to: `append` takes lines of Python code."""

    def __init__(self, items: list[Item], tag: Tag) -> None:
        self._items = items
        self._tag = tag

    def append(self, code: Any) -> None:
        """Add the Python lines of ``str(code)`` at the place of the tag."""
        for line in logical_lines(str(code), 0, 0):
            self._items.append(LogicalLine(line.code, self._tag.line, 0, line.opens))


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a view mentions, and the line: text of the expression or name of the block."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class ViewOutline:
    """What a view extends and includes, and the blocks it defines, in order of appearance.

    Literal names stand in `extends` and `includes`; the expressions of names that
    are computed at run time stand in `dynamic`.
    """

    extends: tuple[Named, ...]
    includes: tuple[Named, ...]
    dynamic: tuple[Named, ...]
    blocks: tuple[Named, ...]


def outline(text: str, path: str = "<view>", delimiters: tuple[str, str] = DEFAULT_DELIMITERS) -> ViewOutline:
    """Return what the template `text` extends, includes and defines.

    Raises:
        TemplateError: the template cannot be parsed.
    """
    document = parse(text, path, delimiters)
    extends: list[Named] = []
    includes: list[Named] = []
    dynamic: list[Named] = []
    blocks: list[Named] = []

    def note(expression: Expression, target: list[Named]) -> None:
        name = expression.literal()
        if name is None:
            dynamic.append(Named(expression.source, expression.line))
        elif name:
            target.append(Named(name, expression.line))

    if document.extend is not None:
        note(document.extend, extends)
    for item in _walk(document.body):
        if isinstance(item, Block):
            blocks.append(Named(item.name, item.line))
        elif isinstance(item, Include) and item.name is not None:
            note(item.name, includes)
    return ViewOutline(tuple(extends), tuple(includes), tuple(dynamic), tuple(blocks))


def is_layout(path: str, delimiters: tuple[str, str] = DEFAULT_DELIMITERS) -> bool:
    """Tell whether other views may extend the view in the file `path`: it has a place for them, or blocks."""
    try:
        with open(path, "rb") as stream:
            document = parse(decode(stream.read(), path), path, delimiters)
    except TemplateError:
        return False
    return bool(document.blocks) or any(
        isinstance(item, Include) and item.name is None for item in _walk(document.body)
    )


def iter_code(text: str, delimiters: tuple[str, str] = DEFAULT_DELIMITERS) -> Iterator[tuple[int, str]]:
    """Yield every piece of Python in a template as (line, source), each one parseable by `ast`.

    Line `n` of a source stands on line ``line + n - 1`` of the template. Headers
    of blocks are completed by ``pass``; clauses that hold no expression are left out (T-20).

    Raises:
        TemplateError: a tag or block is not closed.
    """
    document = parse(text, "<view>", delimiters)
    if document.extend is not None:
        yield document.extend.line, document.extend.source
    for item in (*_walk(document.preamble), *_walk(document.body)):
        if isinstance(item, Print):
            source = item.expression.source
            yield item.expression.line, f"({source}\n)" if "\n" in source or "#" in source else source.strip()
        elif isinstance(item, Include) and item.name is not None:
            yield item.name.line, item.name.source
        elif isinstance(item, LogicalLine) and (source := _complete(item)):
            yield item.line, source


def _complete(line: LogicalLine) -> str:
    """Return `line` as a statement that stands alone; empty when nothing can be found in it."""
    code = line.code
    if code.startswith("@"):
        return code[1:]
    word = re.match(r"\w*", code)
    keyword = word[0] if word else ""
    if keyword == "elif":
        code = code[2:]
    elif keyword == "case" and line.opens:
        return ""
    elif keyword == "match" and line.opens:
        return code[len("match") : -1].strip()
    elif keyword in ("else", "finally", "try"):
        return code.partition(":")[2].strip()
    elif keyword == "except":
        caught, _, rest = code[len("except") :].partition(":")
        return rest.strip() or caught.partition(" as ")[0].strip(" *")
    return f"{code} pass" if line.opens else code


def _walk(block: Block) -> Iterator[Item]:
    """Yield the items of `block` and of all blocks in it, in order of the text."""
    stack = [iter(block.items)]
    while stack:
        for item in stack[-1]:
            yield item
            if isinstance(item, Block):
                stack.append(iter(item.items))
                break
        else:
            stack.pop()
