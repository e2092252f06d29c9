"""`Sheet`: a small spreadsheet of cells and formulas in a page."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

from runtime.foundation.problems import UserError
from runtime.foundation.serializers import json
from runtime.foundation.syntax import parse_python
from runtime.html import DIV, INPUT, SCRIPT, TABLE, TBODY, TD, TH, THEAD, TR

_CELL = re.compile(r"r(\d+)c(\d+)")
_MAX_CELLS = 10_000
_MAX_POWER = 1000


class SheetError(UserError):
    """A cell or formula is wrong; the text says which and why."""


_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(math, name)
    for name in ("sin", "cos", "tan", "sqrt", "exp", "log", "log10", "floor", "ceil", "atan", "asin", "acos")
}
_FUNCTIONS |= {"abs": abs, "min": min, "max": max, "round": round, "sum": lambda *values: sum(values)}
_CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}


_RECALCULATE = """
(() => {
  const sheet = document.currentScript.parentElement;
  sheet.addEventListener("change", async () => {
    const changed = new URLSearchParams();
    for (const cell of sheet.querySelectorAll("input:not([readonly])"))
      if (!cell.title || cell.value !== cell.defaultValue) changed.append(cell.name, cell.value);
    const answer = await fetch(sheet.dataset.sheetUrl, {method: "POST", body: changed});
    if (!answer.ok) return;
    for (const [name, value] of Object.entries(await answer.json())) {
      const cell = sheet.querySelector(`input[name="${name}"]`);
      if (cell) cell.value = cell.defaultValue = value;
    }
  });
})();
"""


class Sheet:
    """Cells named ``r0c0``; a value that begins with ``=`` is a formula over other cells.

    Formulas know numbers, cells, the four operations, powers, comparisons and
    functions such as ``sqrt``, ``sum`` and ``max``; nothing else of Python.

    Args:
        rows: number of rows.
        cols: number of columns.
        value: of each cell.
        readonly: True lets visitors change nothing.
        active: True recalculates in the page when the visitor has changed a cell, by `url`.
        url: address of the action that answers with `process`; without one nothing is recalculated.
    """

    def __init__(
        self,
        rows: int,
        cols: int,
        value: Any = 0.0,
        readonly: bool = False,
        active: bool = True,
        url: str = "",
        **ignored: Any,
    ) -> None:
        if rows * cols > _MAX_CELLS:
            raise SheetError(f"a sheet has at most {_MAX_CELLS} cells, not {rows} times {cols}")
        self.rows, self.cols, self.active, self.url = rows, cols, active, url
        self.headers = [str(number) for number in range(cols)]
        self.nodes: dict[str, Any] = {}
        self.readonly: set[str] = set()
        for row in range(rows):
            for column in range(cols):
                self.cell(f"r{row}c{column}", value, readonly)

    def cell(self, key: str, value: Any = 0.0, readonly: bool = False, active: bool = True) -> None:
        """Set a cell.

        Raises:
            SheetError: there is no such cell.
        """
        self._check(key)
        self.nodes[key] = value
        (self.readonly.add if readonly else self.readonly.discard)(key)

    def _check(self, key: str) -> None:
        found = _CELL.fullmatch(key)
        if found is None or int(found[1]) >= self.rows or int(found[2]) >= self.cols:
            raise SheetError(f"there is no cell {key} in a sheet of {self.rows} rows and {self.cols} columns")

    def __setitem__(self, key: str, value: Any) -> None:
        self.cell(key, value)

    def __getitem__(self, key: str) -> Any:
        """Return the computed value of a cell; an error is a text that begins with ``!``."""
        return self._value(key, ())

    def _value(self, key: str, above: tuple[str, ...]) -> Any:
        self._check(key)
        value = self.nodes[key]
        if not (isinstance(value, str) and value.startswith("=")):
            return _number(value)
        if key in above:
            return f"!{key} depends on itself"
        if len(above) > 100:
            return "!too many cells depend on each other"
        try:
            return self._compute(parse_python(value[1:].strip(), mode="eval").body, (*above, key))
        except SheetError as error:
            return f"!{error}"
        except (SyntaxError, ValueError, RecursionError):
            return "!this is no formula"
        except (ArithmeticError, TypeError) as error:
            return f"!{error}"

    def _compute(self, node: ast.AST, above: tuple[str, ...]) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float, str)):
            return node.value
        if isinstance(node, ast.Name):
            return self._named(node.id, above)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self._compute(node.operand, above)
            return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BinOp):
            return _binary(node.op, self._compute(node.left, above), self._compute(node.right, above))
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            compare = _COMPARE.get(type(node.ops[0]))
            if compare is not None:
                left = self._compute(node.left, above)
                return compare(left, self._compute(node.comparators[0], above))
        if isinstance(node, ast.IfExp):
            chosen = node.body if self._compute(node.test, above) else node.orelse
            return self._compute(chosen, above)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            function = _FUNCTIONS.get(node.func.id)
            if function is not None:
                return function(*[self._compute(argument, above) for argument in node.args])
        raise SheetError("formulas know numbers, cells, + - * / and some functions only")

    def _named(self, name: str, above: tuple[str, ...]) -> Any:
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if _CELL.fullmatch(name) is None:
            raise SheetError(f"{name} is no cell")
        value = self._value(name, above)
        if isinstance(value, str) and value.startswith("!"):
            raise SheetError(f"{name} is wrong")
        return value

    def process(self, request: Any) -> str:
        """Take over the cells that a visitor changed; return all computed values as JSON.

        Args:
            request: its variables named like cells are the new values; read-only cells stay.
        """
        for key, value in request.vars.items():
            name = str(key)
            found = _CELL.fullmatch(name)
            if found and name in self.nodes and name not in self.readonly and isinstance(value, str):
                self.nodes[name] = value
        return json({key: self[key] for key in self.nodes})

    def sheet(self) -> Any:
        """Return the table of the cells."""
        head = THEAD(TR(TH(), *[TH(text, _scope="col") for text in self.headers]))
        body = TBODY()
        for row in range(self.rows):
            cells: list[Any] = [TH(row, _scope="row")]
            cells += [TD(self._input(f"r{row}c{column}")) for column in range(self.cols)]
            body.append(TR(*cells))
        return TABLE(head, body, _class="sheet")

    def _input(self, key: str) -> Any:
        attributes = {"_readonly": "readonly"} if key in self.readonly else {}
        formula = {"_title": self.nodes[key]} if str(self.nodes[key]).startswith("=") else {}
        return INPUT(
            _name=key, _value=str(self[key]), _size=6, **{"_aria-label": key}, **attributes, **formula
        )

    def xml(self) -> str:
        """Return the sheet for a page."""
        if not (self.active and self.url):
            return DIV(self.sheet()).xml()
        return DIV(self.sheet(), SCRIPT(_RECALCULATE), **{"_data-sheet-url": self.url}).xml()


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return float(value) if "." in value or "e" in value.lower() else int(value)
        except ValueError:
            return value
    return value


def _binary(operation: ast.operator, left: Any, right: Any) -> Any:
    if not all(isinstance(side, (int, float)) for side in (left, right)):
        raise SheetError("formulas calculate with numbers")
    if isinstance(operation, ast.Pow):
        if abs(left) > _MAX_POWER or abs(right) > _MAX_POWER:
            raise SheetError("this power is too large")
        return float(left) ** right
    compute = _BINARY.get(type(operation))
    if compute is None:
        raise SheetError("formulas know + - * / // % and ** only")
    return compute(left, right)
