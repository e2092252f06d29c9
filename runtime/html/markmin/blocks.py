"""Blocks of MARKMIN: paragraphs, headers, lists, tables, quotations, separators."""

from __future__ import annotations

import re
from typing import Protocol

from runtime.html.markmin.marks import PLACEHOLDER

MAX_DEPTH = 30
"""Quotations and lists inside one another deeper than this are read as plain paragraphs."""

_FENCE = re.compile(r"\s*-{4,}\s*\Z")
_FENCE_END = re.compile(r"(\s*)-{4,}(?::(?P<cls>[a-zA-Z][\w-]*)(?:\[(?P<id>[^\]\s]*)\])?)?\s*\Z")
_SECTION = re.compile(r"\s*={4,}\s*\Z")
_HEADER = re.compile(r"\s*(#{1,6})\s*(.*)\Z", re.DOTALL)
_ITEM = re.compile(r"(\s*)(\++|-+|\.+)(?P<dot>\.?)(\s+)(?P<text>\S.*)\Z", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*%?\Z")
_ONE_CODE = re.compile(r"\s*\x05\d+\x05\s*\Z")


class Writer(Protocol):
    """What the blocks need of a language to write: one method for each construction."""

    def inline(self, text: str) -> str: ...
    def is_block_code(self, placeholder: str) -> bool: ...
    def code(self, placeholder: str) -> str: ...
    def paragraphs(self, texts: list[str]) -> str: ...
    def header(self, level: int, text: str) -> str: ...
    def separator(self) -> str: ...
    def quote(self, content: str, cls: str, identifier: str) -> str: ...
    def table(self, sections: list[list[list[tuple[str, bool]]]], cls: str, identifier: str) -> str: ...
    def list_open(self, ordered: bool) -> str: ...
    def list_close(self, ordered: bool) -> str: ...
    def item_open(self) -> str: ...
    def item_close(self) -> str: ...


class Blocks:
    """Reads lines and writes them through a `Writer`."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer

    def render(self, lines: list[str], depth: int = 0, tight: bool = False) -> str:
        """Return the markup of `lines`; when `tight` the first paragraph stands without its tag."""
        out: list[str] = []
        pending: list[str] = []  # paragraphs one after another, which the writer joins
        current: list[str] = []

        def end_paragraph() -> None:
            nonlocal tight
            if current:
                text = " ".join(line.strip() for line in current)
                current.clear()
                if tight:
                    out.append(self._plain(text))
                else:
                    pending.append(text)
                tight = False

        def block(markup: str) -> None:
            nonlocal tight
            end_paragraph()
            tight = False
            if pending:
                out.append(self._paragraphs(pending))
                pending.clear()
            out.append(markup)

        i = 0
        while i < len(lines):
            line = lines[i]
            if not line.strip():
                end_paragraph()
                i += 1
                continue
            taken = self._block(lines, i, depth) if depth < MAX_DEPTH else None
            if taken is None:
                current.append(line)
                i += 1
            else:
                markup, i = taken
                block(markup)
        end_paragraph()
        if pending:
            out.append(self._paragraphs(pending))
        return "".join(out)

    def _plain(self, text: str) -> str:
        """Return a paragraph without its tag."""
        return self.writer.code(text) if _ONE_CODE.match(text) else self.writer.inline(text)

    def _paragraphs(self, texts: list[str]) -> str:
        """Write paragraphs; code of several lines, or alone in its paragraph, stands outside of them."""
        out: list[str] = []
        run: list[str] = []
        for text in texts:
            for part in self._split_codes(text):
                if _ONE_CODE.match(part):
                    if run:
                        out.append(self.writer.paragraphs([self.writer.inline(t) for t in run]))
                        run = []
                    out.append(self.writer.code(part))
                else:
                    run.append(part)
        if run:
            out.append(self.writer.paragraphs([self.writer.inline(t) for t in run]))
        return "".join(out)

    def _split_codes(self, text: str) -> list[str]:
        parts = []
        position = 0
        for match in PLACEHOLDER.finditer(text):
            if self.writer.is_block_code(match.group()):
                parts += [text[position : match.start()].strip(), match.group()]
                position = match.end()
        parts.append(text[position:].strip())
        return [part for part in parts if part]

    def _block(self, lines: list[str], i: int, depth: int) -> tuple[str, int] | None:
        line = lines[i]
        if _FENCE.match(line):
            return self._fenced(lines, i, depth)
        header = _HEADER.match(line)
        if header:
            end = i + 1
            while (
                end < len(lines)
                and lines[end][:1].isspace()
                and lines[end].strip()
                and not _starts(lines[end])
            ):
                end += 1
            text = " ".join([header[2].strip(), *(each.strip() for each in lines[i + 1 : end])])
            return self.writer.header(len(header[1]), self.writer.inline(text.strip())), end
        item = _ITEM.match(line)
        if item and item[2][0] != ".":
            return self._list(lines, i, depth)
        return None

    # Tables and quotations.

    def _fenced(self, lines: list[str], i: int, depth: int) -> tuple[str, int]:
        end = _fence_end(lines, i, _indent(lines[i]))
        if end is None:
            return self.writer.separator(), i + 1
        inner = lines[i + 1 : end]
        match = _FENCE_END.match(lines[end])
        cls = (match and match["cls"]) or ""
        identifier = (match and match["id"]) or ""
        first = next(line for line in inner if line.strip())
        if "|" in first:
            return self.writer.table(self._sections(inner), cls, identifier), end + 1
        return self.writer.quote(self.render(dedent(inner), depth + 1), cls, identifier), end + 1

    def _sections(self, lines: list[str]) -> list[list[list[tuple[str, bool]]]]:
        sections: list[list[list[tuple[str, bool]]]] = [[]]
        for line in lines:
            if _SECTION.match(line):
                sections.append([])
            elif line.strip():
                cells = [cell.strip() for cell in line.split("|")]
                sections[-1].append([(self._plain(cell), bool(_NUMBER.match(cell))) for cell in cells])
        return [rows for rows in sections if rows]

    # Lists.

    def _list(self, lines: list[str], i: int, depth: int) -> tuple[str, int]:
        out: list[str] = []
        opened: list[tuple[bool, int]] = []  # (ordered, level) of each list around the current item
        write = self.writer

        def close() -> None:
            ordered, _ = opened.pop()
            out.append(write.item_close() + write.list_close(ordered))

        while i < len(lines):
            match = _ITEM.match(lines[i])
            if match is None:
                end = _after_blank(lines, i)
                if end is None:
                    break
                i = end
                continue
            kind, level = match[2][0], len(match[2]) - (1 if match[2][0] == "." and match["dot"] else 0)
            if kind == ".":
                level = len(match[2] + match["dot"])
            chunk, i = _item_lines(lines, i, match)
            while opened and opened[-1][1] > level:
                if kind == "." and len(opened) == 1:
                    break
                close()
            if kind == ".":
                out.append(self.render(chunk, depth + 1))
                continue
            ordered = kind == "+"
            if opened and opened[-1] == (ordered, level):
                out.append(write.item_close())
            else:
                if opened and opened[-1][1] == level:
                    close()
                opened.append((ordered, level))
                out.append(write.list_open(ordered))
            out.append(write.item_open() + self.render(chunk, depth + 1, tight=not match["dot"]))
        while opened:
            close()
        return "".join(out), i


def _item_lines(lines: list[str], i: int, match: re.Match[str]) -> tuple[list[str], int]:
    """Return the lines of the item that begins at `i`, and where the next one begins."""
    column = match.start("text")
    content = [" " * column + match["text"]]
    end = i + 1
    if _FENCE.match(match["text"]):
        end = _take_fence(lines, i, column, content)
    while (
        end < len(lines) and lines[end][:1].isspace() and lines[end].strip() and not _ITEM.match(lines[end])
    ):
        content.append(lines[end])
        if _FENCE.match(lines[end]):
            end = _take_fence(lines, end, _indent(lines[end]), content)
        else:
            end += 1
    first = content[0].strip()
    return [first, *dedent(content[1:])], end


def _take_fence(lines: list[str], i: int, column: int, content: list[str]) -> int:
    end = _fence_end(lines, i, column)
    if end is None:
        return i + 1
    content.extend(lines[i + 1 : end + 1])
    return end + 1


def _fence_end(lines: list[str], i: int, column: int) -> int | None:
    """Return the line that closes the fence opened at `i`: the next one indented no deeper."""
    if i + 1 >= len(lines) or not lines[i + 1].strip():
        return None
    for j in range(i + 2, len(lines)):
        match = _FENCE_END.match(lines[j])
        if match and len(match[1].expandtabs(4)) <= column:
            return j
    return None


def _after_blank(lines: list[str], i: int) -> int | None:
    """Return where the list goes on after one blank line at `i`, or None when it ends there."""
    goes_on = not lines[i].strip() and i + 1 < len(lines) and _ITEM.match(lines[i + 1]) is not None
    return i + 1 if goes_on else None


def _starts(line: str) -> bool:
    return bool(_FENCE.match(line) or _HEADER.match(line) or _ITEM.match(line))


def _indent(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip())


def dedent(lines: list[str]) -> list[str]:
    """Return `lines` without the indentation they have in common."""
    common = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line.expandtabs(4)[common:] if line.strip() else "" for line in lines]
