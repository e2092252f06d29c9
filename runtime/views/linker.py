"""Layouts, includes and blocks of a page brought together into one list of Python statements.

Lines are virtual: those of the page keep their numbers, those of every further
file follow behind, so that one code object can name a place in any file.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runtime.foundation.problems import UserError
from runtime.foundation.syntax import parse_python
from runtime.views.codegen import Generator, pushed
from runtime.views.document import Block, Document, Expression, Include, Item, Lexer, Super, parse
from runtime.views.layout import MARK, PRINT, lay_out
from runtime.views.problems import TemplateError
from runtime.views.scanner import LogicalLine, Text

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)

MAX_PARTS = 10_000
"""Blocks and files that one page may be put together from, repetitions counted."""

Reader = Callable[[str], tuple[str, str]]
"""Takes a view's name and returns its path and text; raises `UserError`."""


class NeedsName(Exception):
    """The name of a layout is an expression that nothing has answered yet."""

    def __init__(self, expression: Expression, path: str, line: int) -> None:
        super().__init__(expression.source)
        self.expression = expression
        self.path = path
        self.line = line


@dataclass(slots=True)
class Linked:
    """A page put together.

    `places` are (first virtual line, path) of each file in rising order; `text`
    holds the files behind each other, as the virtual lines count them.
    """

    body: list[ast.stmt]
    places: tuple[tuple[int, str], ...]
    text: str


@dataclass(slots=True)
class _Scope:
    """A page or an included file with its layouts, the page first."""

    documents: list[Document]
    outer: _Scope | None


@dataclass(slots=True)
class _Choice:
    """Definitions of a block, the one that counts first, and which of them is being written."""

    name: str
    definitions: list[tuple[_Scope, int, Block]]
    position: int = 0


@dataclass(slots=True)
class _Files:
    """Virtual line of each file's line 1, less one."""

    offsets: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    lines: int = 0

    def add(self, path: str, text: str) -> None:
        if path not in self.offsets:
            self.offsets[path] = self.lines
            lines = text.replace("\r\n", "\n").split("\n")
            self.texts.append("\n".join(lines) + "\n")
            self.lines += len(lines)


def link(
    path: str,
    text: str,
    read: Reader,
    delimiters: tuple[str, str],
    generator: Generator,
    choices: tuple[str, ...] = (),
    lexers: Mapping[str, Lexer] | None = None,
    evaluate: Callable[[str], Any] | None = None,
) -> Linked:
    """Parse the page `text` and all it extends and includes, and return its statements.

    Args:
        path: file of the page.
        text: its content.
        read: opens layouts and includes by name.
        delimiters: begin and end of a tag, in all files.
        generator: makes the statements that write.
        choices: names of the layouts whose name is an expression, in order.
        lexers: see `runtime.views.document.parse`.
        evaluate: computes a name from an expression now, instead of at run time.

    Raises:
        NeedsName: `choices` does not go far enough.
        TemplateError: there is a mistake in one of the files.
    """
    linker = _Linker(read, delimiters, generator, choices, lexers or {}, evaluate)
    try:
        body = linker.page(path, text)
    except RecursionError:
        raise TemplateError(path, 1, "blocks, layouts or includes are nested too deeply") from None
    files = linker.files
    places = tuple((offset + 1, name) for name, offset in files.offsets.items())
    return Linked(body, places, "".join(files.texts))


class _Linker:
    def __init__(
        self,
        read: Reader,
        delimiters: tuple[str, str],
        generator: Generator,
        choices: tuple[str, ...],
        lexers: Mapping[str, Lexer],
        evaluate: Callable[[str], Any] | None,
    ) -> None:
        self.read = read
        self.delimiters = delimiters
        self.generator = generator
        self.choices = list(choices)
        self.lexers = lexers
        self.evaluate = evaluate
        self.files = _Files()
        self.documents: dict[str, Document] = {}
        self.including: list[str] = []  # files that are being written, to find those that include themselves
        self.writing: list[_Choice] = []  # blocks that are being written, outermost first
        self.parts = 0

    def page(self, path: str, text: str) -> list[ast.stmt]:
        return self._scope(self._document(path, text), None)

    def _document(self, path: str, text: str) -> Document:
        document = self.documents.get(path)
        if document is None:
            self.files.add(path, text)
            document = self.documents[path] = parse(text, path, self.delimiters, self.lexers)
        return document

    def _open(self, name: str, path: str, line: int) -> Document:
        try:
            return self._document(*self.read(name))
        except TemplateError:
            raise
        except (UserError, OSError) as error:
            raise TemplateError(path, line, f"the view {name!r} cannot be used here: {error}") from error

    def _scope(self, document: Document, outer: _Scope | None) -> list[ast.stmt]:
        """Return the statements of a page or included file with its layouts."""
        chain = [document]
        while (name := chain[-1].extend) is not None:
            layout = self._layout(name, chain[-1].path)
            if layout is None:
                chain.append(Document("", "", Block("", 1, [Include(None, 1)]), Block("", 1), None, {}))
                break
            if any(layout.path == one.path for one in chain):
                raise TemplateError(chain[-1].path, name.line, f"{layout.path} extends itself")
            chain.append(layout)
        scope = _Scope(chain, outer)
        self.including += [one.path for one in chain]
        body: list[ast.stmt] = []
        for index, one in enumerate(chain):
            if one.preamble.items:
                pushed(body, self._block(one.preamble, scope, index))
        pushed(body, self._block(chain[-1].body, scope, len(chain) - 1))
        del self.including[len(self.including) - len(chain) :]
        return body

    def _layout(self, name: Expression, path: str) -> Document | None:
        known = name.literal()
        if known is None:
            if self.evaluate is not None:
                known = str(self.evaluate(name.source) or "")
            elif self.choices:
                known = self.choices.pop(0)
            else:
                raise NeedsName(name, path, self.files.offsets[path] + name.line)
        return self._open(known, path, name.line) if known else None

    def _block(self, block: Block, scope: _Scope, index: int) -> list[ast.stmt]:
        """Return the statements of `block`, which stands in file `index` of `scope`."""
        self.parts += 1
        path = scope.documents[index].path
        if self.parts > MAX_PARTS:
            raise TemplateError(
                path, block.line, f"the page is put together from more than {MAX_PARTS} parts"
            )
        laid_out = lay_out(block, path)
        offset = self.files.offsets.get(path, 0)
        try:
            tree = parse_python(laid_out.source)
        except SyntaxError as error:
            line = min(max(error.lineno or 1, 1), len(laid_out.places))
            raise TemplateError(path, laid_out.places[line - 1][0], _reason(error)) from error
        except (ValueError, MemoryError) as error:
            raise TemplateError(path, block.line, f"Python cannot read the code: {error}") from error
        nodes = list(ast.walk(tree))
        for node in nodes:
            if hasattr(node, "lineno"):
                _move(node, laid_out.places, offset)
        for node in nodes:
            for field_name in ("body", "orelse", "finalbody"):
                statements = getattr(node, field_name, None)
                if isinstance(statements, list) and statements:
                    new = self._statements(statements, laid_out.items, scope, index)
                    setattr(node, field_name, new or [ast.copy_location(ast.Pass(), statements[0])])
        body = tree.body
        return [] if len(body) == 1 and isinstance(body[0], ast.Pass) else body

    def _statements(
        self, statements: list[ast.stmt], items: list[Item], scope: _Scope, index: int
    ) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        path = scope.documents[index].path
        for statement in statements:
            call = statement.value if isinstance(statement, ast.Expr) else None
            name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
            if isinstance(call, ast.Call) and name == MARK:
                number = call.args[0]
                assert isinstance(number, ast.Constant)
                pushed(out, self._item(items[int(str(number.value))], statement, scope, index))
            elif isinstance(call, ast.Call) and name == PRINT:
                if not call.args and not call.keywords:
                    line = statement.lineno - self.files.offsets[path]
                    raise TemplateError(path, line, "there is nothing to print after the equals sign")
                pushed(out, self.generator.output(call, statement))
            elif isinstance(statement, _SIMPLE) and _prints(statement):
                line = statement.lineno - self.files.offsets[path]
                raise TemplateError(path, line, "the brackets after the equals sign do not match")
            else:
                out.append(statement)
        return out

    def _item(self, item: Item, at: ast.stmt, scope: _Scope, index: int) -> list[ast.stmt]:
        if isinstance(item, Text):
            return self.generator.text(item.value, at)
        if isinstance(item, Block):
            return self._defined(item, scope, index)
        if isinstance(item, Super):
            return self._inherited(item, scope, index)
        assert isinstance(item, Include)
        if item.name is None:
            return self._place(scope, index)
        return self._included(item, item.name, at, scope, index)

    def _defined(self, block: Block, scope: _Scope, index: int) -> list[ast.stmt]:
        """Return the definition of a block that counts: that of the outermost page, else its own."""
        active = {id(choice.definitions[choice.position][2]) for choice in self.writing}
        definitions: list[tuple[_Scope, int, Block]] = []
        one: _Scope | None = scope
        while one is not None:
            found = [
                (one, i, d.blocks[block.name]) for i, d in enumerate(one.documents) if block.name in d.blocks
            ]
            definitions = found + definitions
            one = one.outer
        # A block whose definition holds this very place must not be put into itself.
        definitions = [d for d in definitions if id(d[2]) not in active] or [(scope, index, block)]
        return self._write(_Choice(block.name, definitions))

    def _write(self, choice: _Choice) -> list[ast.stmt]:
        scope, index, block = choice.definitions[choice.position]
        self.writing.append(choice)
        body = self._block(block, scope, index)
        self.writing.pop()
        return body

    def _inherited(self, item: Super, scope: _Scope, index: int) -> list[ast.stmt]:
        for choice in reversed(self.writing):
            if choice.name == item.name:
                definitions, following = choice.definitions, choice.position + 1
                break
        else:
            documents = scope.documents[index + 1 :]
            definitions = [
                (scope, index + 1 + i, d.blocks[item.name])
                for i, d in enumerate(documents)
                if item.name in d.blocks
            ]
            following = 0
        if following >= len(definitions):
            return []
        return self._write(_Choice(item.name, definitions, following))

    def _place(self, scope: _Scope, index: int) -> list[ast.stmt]:
        """Return what the page below layout `index` says outside of the blocks that its layouts know."""
        if index == 0:
            return []
        document = scope.documents[index - 1]
        known = {name for layout in scope.documents[index:] for name in layout.blocks}
        known |= self._names_of_includes(scope, index)
        items = [i for i in document.body.items if not (isinstance(i, Block) and i.name in known)]
        return self._block(Block("", 1, items), scope, index - 1)

    def _names_of_includes(self, scope: _Scope, index: int) -> set[str]:
        """Return the blocks of the files that the layouts from `index` on include by a literal name."""
        names: set[str] = set()
        todo = list(scope.documents[index:])
        seen: set[str] = set()
        while todo:
            document = todo.pop()
            blocks = [document.body, document.preamble, *document.blocks.values()]
            for item in [item for block in blocks for item in block.items]:
                known = item.name.literal() if isinstance(item, Include) and item.name else None
                if known and known not in seen:
                    seen.add(known)
                    assert isinstance(item, Include)
                    included = self._open(known, document.path, item.line)
                    names |= included.blocks.keys()
                    todo.append(included)
        return names

    def _included(
        self, item: Include, name: Expression, at: ast.stmt, scope: _Scope, index: int
    ) -> list[ast.stmt]:
        path = scope.documents[index].path
        known = name.literal()
        if known is None and self.evaluate is not None:
            known = str(self.evaluate(name.source) or "")
        if known is None:
            return [self._dynamic(name, at, path)]
        if not known:
            return []
        document = self._open(known, path, item.line)
        if document.path in self.including:
            raise TemplateError(path, item.line, f"{known!r} includes itself")
        return self._scope(document, scope)

    def _dynamic(self, name: Expression, at: ast.stmt, path: str) -> ast.stmt:
        """Return the statement that includes at run time the view whose name is computed then."""
        block = Block(
            "", name.line, [LogicalLine(f"({name.source}\n)", name.line, max(name.column - 1, 0), False)]
        )
        try:
            value = parse_python(lay_out(block, path).source).body[0]
        except SyntaxError as error:
            raise TemplateError(path, name.line, _reason(error)) from error
        if not isinstance(value, ast.Expr):
            raise TemplateError(path, name.line, f"{name.source!r} is no name of a view")
        for node in ast.walk(value):
            if isinstance(node, (ast.expr, ast.arg, ast.keyword)):
                ast.copy_location(node, at)
        return self.generator.include(value.value, at)


def _move(node: Any, places: list[tuple[int, int]], offset: int) -> None:
    """Give `node` its place in the file in exchange for that in the laid-out source."""
    # Python 3.11 may place what is in an f-string of several lines behind the last line.
    line, shift = places[min(node.lineno, len(places)) - 1]
    last_line, last_shift = places[min(node.end_lineno, len(places)) - 1]
    node.lineno = line + offset
    node.col_offset = max(node.col_offset + shift, 0)
    node.end_lineno = max(last_line + offset, node.lineno)
    node.end_col_offset = max(node.end_col_offset + last_shift, 0)
    if node.end_lineno == node.lineno:
        node.end_col_offset = max(node.end_col_offset, node.col_offset)


def _prints(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Name) and node.id == PRINT for node in ast.walk(statement))


def _reason(error: SyntaxError) -> str:
    text = error.msg or "Python cannot read the code"
    if isinstance(error, IndentationError) and "expected an indented block" in text:
        return "there is nothing in the block that this line opens"
    return f"syntax error: {text}"
