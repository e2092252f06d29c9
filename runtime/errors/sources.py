"""The lines of a source file around a place, whatever its encoding."""

from __future__ import annotations

import io
import linecache
import re
import tokenize

BEFORE, AFTER = 6, 4
LARGEST = 4 * 1024 * 1024
LINE = 400
_LINE_END = re.compile(r"\r\n|\r|\n")


def lines_around(file: str, line: int) -> list[tuple[int, str]]:
    """Return the lines of `file` around `line` as they are on disk now; none when it can not be read."""
    return lines_between(file, line - BEFORE, line + AFTER)


def lines_between(file: str, first: int, last: int) -> list[tuple[int, str]]:
    """Return those lines of `file` that are there now, each with its number."""
    lines = _read(file)
    return [(n, lines[n - 1][:LINE]) for n in range(max(1, first), min(len(lines), last) + 1)]


def library_line(file: str, line: int) -> list[tuple[int, str]]:
    """Return the line alone, from the memory of lines: a library does not change while it runs."""
    text = linecache.getline(file, line).rstrip("\r\n")
    return [(line, text[:LINE])] if text else []


def _read(file: str) -> list[str]:
    try:
        with open(file, "rb") as stream:
            data = stream.read(LARGEST)
    except (OSError, ValueError):
        return []
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        encoding = "utf-8"
    return _LINE_END.split(data.decode(encoding, "replace"))
