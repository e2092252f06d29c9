"""Python without indentation becomes Python with it.

A line that ends with a colon opens a block; ``pass`` closes it, so do
``return``, ``break``, ``continue`` and ``raise``; ``elif``, ``else``,
``except`` and ``finally`` go back one level first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runtime.views.document import Block, Expression, Item, Print
from runtime.views.problems import TemplateError
from runtime.views.scanner import LogicalLine, Text

MARK = "__view_piece__"
"""Name that is called in the laid-out source where an item that is no code belongs."""

PRINT = "__view_print__"
"""Name that is called in the laid-out source with what ``{{=...}}`` prints."""

_CLAUSE = re.compile(r"(elif|else|except|finally)\b")
_CLOSES = re.compile(r"pass(\s|$)")
_JUMPS = re.compile(r"(return|break|continue|raise)(\s|$)")
_MATCH = re.compile(r"match\b")
_HEADER = re.compile(r"(if|elif|for|while|try|except|async|with)\b")


@dataclass(slots=True)
class LaidOut:
    """Indented source of a block.

    `places[n]` is (line in the file, columns to add) of line `n + 1` of `source`;
    `items[k]` is what the call ``MARK(k)`` stands for.
    """

    source: str
    places: list[tuple[int, int]]
    items: list[Item]


def lay_out(block: Block, path: str) -> LaidOut:
    """Indent the code of `block` (not of the blocks in it).

    Raises:
        TemplateError: ``pass`` is missing, or there is one too many.
    """
    return _Layout(block, path).result()


class _Layout:
    def __init__(self, block: Block, path: str) -> None:
        self.path = path
        self.lines: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.items: list[Item] = []
        self.open: list[LogicalLine] = []  # headers of the blocks that are open
        self.empty = False  # the block opened last holds nothing yet
        self.jumped: LogicalLine | None = None  # header of the block that a jump has just closed
        self.held: list[Text] = []  # blanks after a jump; dropped when a clause continues the block
        self.one_line = False  # the last line is a whole statement like ``if x: y``
        for item in block.items:
            if isinstance(item, LogicalLine):
                self._code(item)
            else:
                self._piece(item)
        self._settle()
        if self.open:
            first = self.open[-1]
            raise TemplateError(
                path, first.line, f'missing "pass": the block that {_shown(first)} opens is never closed'
            )

    def result(self) -> LaidOut:
        return LaidOut("\n".join(self.lines) + "\n", self.places, self.items)

    def _piece(self, item: Item) -> None:
        if isinstance(item, Text) and item.value.isspace():
            if self.jumped is not None:
                self.held.append(item)
                return
            if self.open and _is_match(self.open[-1]):
                return  # between the cases of a match nothing can be printed
        self._settle()
        if isinstance(item, Print):
            source = item.expression
            self._emit(f"{PRINT}(", source.source, "\n)", source)
        else:
            self._emit(f"{MARK}({len(self.items)})", "", "", Expression("", item.line))
            self.items.append(item)
        self.empty = self.one_line = False

    def _code(self, line: LogicalLine) -> None:
        code = line.code
        if _CLAUSE.match(code):
            self._clause()
        elif _CLOSES.match(code):
            self._close(line)
            return
        else:
            self._settle()
        self._emit("", code, "", Expression(code, line.line, line.column))
        self.one_line = not line.opens and (_HEADER.match(code) is not None) and ":" in code
        self.empty = line.opens
        if line.opens:
            self.open.append(line)
        elif _JUMPS.match(code) and self.open:
            self.jumped = self.open.pop()

    def _clause(self) -> None:
        """Go to the level of the statement that an ``else`` or the like continues."""
        if self.jumped is not None:
            self.jumped = None
            self.held.clear()
        elif self.open and not self.one_line:
            self._fill(self.open.pop())

    def _close(self, line: LogicalLine) -> None:
        closed = self.jumped
        self._settle()
        if not (self.open and _is_match(self.open[-1])):
            self._emit("", "pass", "", Expression("pass", line.line, line.column))
        self.empty = self.one_line = False
        if self.open:
            self.open.pop()
        elif closed is None:
            raise TemplateError(
                self.path,
                line.line,
                'too many "pass": no block is open here (return, break, continue and raise close theirs)',
            )

    def _settle(self) -> None:
        """Leave the block that a jump closed for good."""
        if self.jumped is not None:
            self.jumped = None
            held, self.held = self.held, []
            for text in held:
                self._piece(text)

    def _fill(self, header: LogicalLine) -> None:
        if self.empty:
            self.lines.append(" " * (len(self.open) + 1) + "pass")
            self.places.append((header.line, 0))

    def _emit(self, before: str, code: str, after: str, place: Expression) -> None:
        """Add a statement; lines of it but the first stay as written."""
        indent = " " * len(self.open)
        lines = (indent + before + code + after).split("\n")
        self.lines += lines
        self.places.append((place.line, place.column - len(indent) - len(before)))
        inner = code.count("\n")
        self.places += [(place.line + min(n, inner), 0) for n in range(1, len(lines))]


def _is_match(header: LogicalLine) -> bool:
    return _MATCH.match(header.code) is not None


def _shown(line: LogicalLine) -> str:
    text = line.code.split("\n", 1)[0]
    return repr(text if len(text) <= 60 else text[:57] + "...")
