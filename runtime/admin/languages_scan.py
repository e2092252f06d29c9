"""Finds the strings of an application that are marked for translation (T-20)."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.foundation.syntax import parse_python
from runtime.i18n.files import decode
from runtime.views import DEFAULT_DELIMITERS, TemplateError, iter_code

PYTHON_FOLDERS = ("models", "controllers", "modules", "private")
VIEW_FOLDER = "views"
MARKMIN_PREFIX = "@markmin\x01"
MAX_FILE_BYTES = 4_000_000


@dataclass(frozen=True, order=True)
class Place:
    """Where a string stands: file below the application (with ``/``) and line, from 1."""

    file: str
    line: int


@dataclass
class Sources:
    """What the sources of an application hold.

    Attributes:
        places: key of the language files to the places it is used at, in order.
        warnings: places where a text is put together before it is translated (T-03), with the reason.
        problems: files that could not be read or parsed, with the reason; strings
            found in them all the same are in `places`.
        files: how many files were looked at.
        complete: False when the search was cancelled.
    """

    places: dict[str, list[Place]] = field(default_factory=dict)
    warnings: list[tuple[Place, str]] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    files: int = 0
    complete: bool = True


def find_strings(
    application: Path,
    delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Sources:
    """Return the strings in the models, controllers, modules, private scripts and views of `application`.

    Args:
        delimiters: what opens and closes Python in its views.
        progress: called with the number of files done and of all.
        cancelled: asked before each file; True ends the search.
    """
    files = list(_source_files(application))
    out = Sources()
    for number, path in enumerate(files):
        if cancelled is not None and cancelled():
            out.complete = False
            break
        name = path.relative_to(application).as_posix()
        _scan_file(path, name, delimiters, out)
        out.files += 1
        if progress is not None:
            progress(number + 1, len(files))
    return out


def _source_files(application: Path) -> Iterator[Path]:
    for folder, pattern in (*((folder, "*.py") for folder in PYTHON_FOLDERS), (VIEW_FOLDER, "*")):
        for path in sorted((application / folder).rglob(pattern)):
            parts = path.relative_to(application).parts
            hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
            if path.is_file() and not hidden and path.suffix not in (".pyc", ".bak"):
                yield path


def _scan_file(path: Path, name: str, delimiters: tuple[str, str], out: Sources) -> None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            out.problems[name] = f"larger than {MAX_FILE_BYTES // 1_000_000} MB, not looked at"
            return
        source = path.read_bytes()
        if name.startswith(f"{VIEW_FOLDER}/"):
            text = source.decode("utf-8-sig")
        else:
            text = decode(source)
    except OSError as error:
        out.problems[name] = f"cannot be read: {error.strerror or error}"
        return
    except (UnicodeDecodeError, SyntaxError) as error:
        out.problems[name] = f"not text in its encoding: {error}"
        return
    if not name.startswith(f"{VIEW_FOLDER}/"):
        _scan_python(text, name, 1, out)
        return
    try:
        for line, code in iter_code(text, delimiters):
            _scan_python(code, name, line, out)
    except TemplateError as error:
        out.problems[name] = str(error)
        _scan_tokens(text, name, 1, out)


def _scan_python(text: str, name: str, line: int, out: Sources) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = parse_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = (getattr(error, "lineno", None) or 1) + line - 1
        out.problems[name] = f"line {where}: {getattr(error, 'msg', error)}"
        _scan_tokens(text, name, line, out)
        return
    found: list[tuple[int, int, ast.Call]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_translator(node.func):
            found.append((node.lineno, node.col_offset, node))
    for _, _, call in sorted(found, key=lambda item: item[:2]):
        _take_call(call, Place(name, call.lineno + line - 1), out)


def _is_translator(node: ast.expr) -> bool:
    """Return whether `node` is ``T``, ``T.M``, ``current.T`` or ``current.T.M``."""
    if isinstance(node, ast.Attribute) and node.attr == "M":
        node = node.value
    return (isinstance(node, ast.Name) and node.id == "T") or (
        isinstance(node, ast.Attribute) and node.attr == "T"
    )


def _take_call(call: ast.Call, place: Place, out: Sources) -> None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    argument = call.args[0] if call.args else named.get("message")
    if argument is None:
        return
    text = _constant(argument)
    if text is None:
        reason = _put_together(argument)
        if reason:
            out.warnings.append((place, reason))
        return
    prefix = ""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "M":
        tag = _constant(named["ftag"]) if "ftag" in named else None
        prefix = f"@{tag or 'userdef'}\x01" if tag or "filter" in named else MARKMIN_PREFIX
    _add(text, prefix, place, out)


def _add(text: str, prefix: str, place: Place, out: Sources) -> None:
    if text:
        places = out.places.setdefault(prefix + text, [])
        if place not in places:
            places.append(place)


def _constant(node: ast.expr) -> str | None:
    """Return the text of a constant, or of constants joined by ``+``."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        return None if left is None or right is None else left + right
    return None


def _put_together(node: ast.expr) -> str:
    """Return why `node` is a text that is put together before it is translated; empty if it is not (T-03)."""
    if isinstance(node, ast.JoinedStr):
        return "an f-string is filled in before it is translated; write T('... %(name)s', dict(name=...))"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        parts = (node.left, node.right)
        if any(_constant(part) is not None for part in parts):
            return "the text is put together before it is translated; give the values as the second argument"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return "format() fills the text in before it is translated; write T('... %(name)s', dict(name=...))"
    return ""


def _scan_tokens(text: str, name: str, line: int, out: Sources) -> None:
    """Take ``T("...")`` from a text that is no complete Python, as far as it falls into tokens."""
    before: list[str] = []
    strings: list[str] = []
    start = 0
    for token in _tokens(text):
        if token.type in (tokenize.NL, tokenize.COMMENT, tokenize.NEWLINE):
            continue
        if token.type == tokenize.STRING and (strings or _opens(before)):
            start = start or token.start[0]
            strings.append(token.string)
            continue
        if strings and token.string in (")", ","):
            prefix = MARKMIN_PREFIX if before[-2:-1] == ["M"] else ""
            _add(_joined(strings), prefix, Place(name, start + line - 1), out)
        strings, start = [], 0
        before = [*before[-4:], token.string]


def _opens(before: list[str]) -> bool:
    return before[-2:] == ["T", "("] or before[-4:] == ["T", ".", "M", "("]


def _joined(strings: list[str]) -> str:
    try:
        value = ast.literal_eval(" ".join(strings))
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError, ValueError):
        return
