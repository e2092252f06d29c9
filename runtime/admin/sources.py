"""Text files of an application: read, check, write without losing anything (AP-12, AP-14, AP-17)."""

from __future__ import annotations

import ast
import codecs
import hashlib
import io
import os
import re
import stat
import tokenize
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.syntax import parse_python
from runtime.views import TemplateError, iter_code
from runtime.views.document import Block, parse
from runtime.views.layout import lay_out

LARGE = 2 * 1024 * 1024
"""Bytes above which a file is shown by pieces, read-only (AP-17)."""
TEMPLATE_ENDINGS = frozenset((".html", ".load", ".xml", ".rss", ".ics", ".csv", ".json", ".jsonp"))
MOST_LINES = 60_000
"""Lines above which a file is large too."""
PIECE, PIECE_LINES = 256 * 1024, 10_000
"""Bytes and lines of a piece at most."""
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_LINE_END = re.compile("\r\n|\r|\n")
_UNKEPT = re.compile("[\u2028\u2029\ufdd0\ufdd1]")


class SourceError(UserError):
    """A file can not be read, checked or written; the text says which and why.

    Attributes:
        line: of the mistake; 0 when there is none to be named.
    """

    line = 0


class ChangedOnDisk(SourceError):
    """Another program changed, replaced or deleted the file since it was read."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells whether a file is still the one that was read; all zero when there is none."""

    size: int = 0
    modified: int = 0
    inode: int = 0

    @property
    def exists(self) -> bool:
        """Is there such a file?"""
        return self.inode != 0 or self.modified != 0


@dataclass(frozen=True, slots=True)
class Source:
    """A text file as it was read.

    Attributes:
        path: absolute path.
        text: content with ``\\n`` at the end of each line.
        encoding: ``utf-8``, ``utf-8-sig``, or what the file declares; ``latin-1`` when it is in none.
        newline: the line end of most lines.
        ends: line end of each line when they differ, else empty.
        stamp: of the moment of reading.
        read_only: why it can not be edited; empty when it can.
        piece: from and to which byte `text` is what the file holds, and its size; None for the whole.
    """

    path: Path
    text: str
    encoding: str
    newline: str
    ends: tuple[str, ...]
    stamp: Stamp
    read_only: str = ""
    piece: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake found without running anything: file, line and column from 1, and what is wrong."""

    path: Path
    line: int
    column: int
    text: str


def stamp_of(path: Path) -> Stamp:
    """Return the present stamp of `path`; that of no file when there is none."""
    try:
        found = path.stat()
    except OSError:
        return Stamp()
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ino)


def read_source(path: Path) -> Source:
    """Read the text file `path`.

    Of a file larger than `LARGE`, or with more than `MOST_LINES` lines, a piece is read.
    It can not be edited.

    Raises:
        SourceError: there is no such file, it can not be read, or it holds no text.
    """
    stamp = stamp_of(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise SourceError(f"{path} is no file.")
        with path.open("rb") as stream:
            data = stream.read(LARGE + 1)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}.") from error
    if b"\0" in data:
        raise SourceError(f"{path.name} holds no text.")
    if len(data) > LARGE or data.count(b"\n") > MOST_LINES:
        return read_piece(path, 0)
    text, encoding = _decode(data, path)
    ends = _LINE_END.findall(text)
    newline = max(("\n", "\r\n", "\r"), key=ends.count) if ends else "\n"
    mixed = tuple(ends) if len(set(ends)) > 1 else ()
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    reason = ""
    if _UNKEPT.search(plain):
        reason = "Holds line separators that the editor can't keep."
    elif not os.access(path, os.W_OK):
        reason = "This file may only be read."
    return Source(path, plain, encoding, newline, mixed, stamp, reason)


def read_piece(path: Path, start: int) -> Source:
    """Read a piece of a large file, from about byte `start` to the end of a line (AP-17).

    Raises:
        SourceError: it can not be read.
    """
    stamp = stamp_of(path)
    start = max(0, min(start, stamp.size - 1))
    try:
        with path.open("rb") as stream:
            if start:
                stream.seek(start - 1)
                start += len(stream.readline(PIECE)) - 1
            data = stream.read(PIECE)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror or error}.") from error
    lines = data.splitlines(keepends=True)
    if start + len(data) < stamp.size and len(lines) > 1:
        lines = lines[:-1]
    data = b"".join(lines[:PIECE_LINES])
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    end = start + len(data)
    share = f"{100 * start // stamp.size} to {100 * end // stamp.size} %" if stamp.size else "all"
    reason = f"A large file is shown by pieces: {share} of it."
    return Source(path, text, "utf-8", "\n", (), stamp, reason, (start, end, stamp.size))


def _decode(data: bytes, path: Path) -> tuple[str, str]:
    encoding = "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    if path.suffix == ".py":
        for line in data.split(b"\n", 2)[:2]:
            declared = _COOKIE.match(line)
            if declared:
                encoding = _known(declared[1].decode("ascii")) or encoding
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return None if found == "utf-8" else found


def write_source(source: Source, text: str, *, overwrite: bool = False) -> Source:
    """Write `text` in the place of `source` in one step; return what is there now.

    Encoding, line ends and permissions stay as they were; of lines that were not
    changed also line ends that differ from the others.

    Args:
        source: as it was read.
        text: the new content with ``\\n`` at the end of each line.
        overwrite: True writes also when another program changed the file.

    Raises:
        ChangedOnDisk: another program changed the file meanwhile, nothing was written.
        SourceError: it may only be read, a letter is not in its encoding, or the disk is full.
    """
    if source.read_only:
        raise SourceError(f"{source.path.name} was not saved. {source.read_only}")
    if not overwrite and _is_changed(source):
        raise ChangedOnDisk(f"{source.path.name} was changed on disk by another program.")
    whole, ends = _with_ends(source, text)
    try:
        data = whole.encode(source.encoding)
    except UnicodeEncodeError as error:
        letter = whole[error.start]
        raise SourceError(
            f"{source.path.name} was not saved: its encoding {source.encoding} has no {letter!r}. "
            f"Take the letter out, or declare another encoding in the first line."
        ) from error
    target = source.path.resolve()  # a link stays a link
    try:
        if target.exists() and not os.access(target, os.W_OK):
            raise SourceError(f"{source.path} was not saved: the file may only be read.")
        write_atomic(target, data)
    except OSError as error:
        raise SourceError(f"{source.path} was not saved: {error.strerror or error}.") from error
    return replace(source, text=text, ends=ends, stamp=stamp_of(source.path))


def fingerprint(source: Source) -> str:
    """Return a word that is another one whenever the file holds something else (OCC-12).

    A form carries it from the page that showed the file to the request that saves it.
    """
    held = (source.text, source.encoding, source.newline, source.ends)
    return hashlib.sha256(repr(held).encode("utf-8", "surrogatepass")).hexdigest()


def _is_changed(source: Source) -> bool:
    """Tell whether another program changed the file.

    Some network folders number the same file anew from time to time: what it holds decides then.
    """
    if stamp_of(source.path) == source.stamp:
        return False
    try:
        now = read_source(source.path)
    except SourceError:
        return True
    return replace(now, stamp=source.stamp, read_only=source.read_only) != source


def _with_ends(source: Source, text: str) -> tuple[str, tuple[str, ...]]:
    """Return `text` with line ends; those of the lines before and after the change are kept one by one."""
    if not source.ends:
        return text.replace("\n", source.newline) if source.newline != "\n" else text, ()
    old, new = source.text.split("\n"), text.split("\n")
    most = min(len(old), len(new)) - 1
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = (source.newline,) * (len(new) - 1 - head - tail)
    ends = (*source.ends[:head], *middle, *source.ends[len(source.ends) - tail :])
    pieces = [line + end for line, end in zip(new, (*ends, ""), strict=True)]
    return "".join(pieces), ends if len(set(ends)) > 1 else ()


def check_text(path: Path, text: str) -> list[Problem]:
    """Return the mistakes in `text` as the content of `path`; nothing is executed (AP-14).

    Python is parsed, templates are scanned; other files have none.
    """
    if path.suffix == ".py":
        problem = python_problem(path, text)
        return [problem] if problem else []
    if path.suffix in TEMPLATE_ENDINGS and "views" in path.parts:
        problem = view_problem(path, text)
        return [problem] if problem else []
    return []


def view_problem(path: Path, text: str) -> Problem | None:
    """Return what keeps `text` from being a view, None when nothing does: tags, blocks, ``pass``, Python."""
    try:
        waiting = [parse(text, path.name).body]
        while waiting:
            block = waiting.pop()
            lay_out(block, path.name)
            waiting += [item for item in block.items if isinstance(item, Block)]
        for line, code in iter_code(text):
            problem = python_problem(path, code)
            if problem is not None:
                return replace(problem, line=line + problem.line - 1, column=1)
    except TemplateError as error:
        return Problem(path, error.line, 1, error.reason)
    return None


def python_problem(path: Path, text: str) -> Problem | None:
    """Return what keeps `text` from being Python, None when nothing does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parse_python(text, str(path))
    except SyntaxError as error:
        reason = f"{type(error).__name__}: {error.msg}"
        return Problem(path, error.lineno or 1, error.offset or 1, reason)
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(path, 1, 1, str(error) or "nested too deeply to be parsed")
    return None


def parse_file(path: Path) -> ast.Module:
    """Parse the Python file `path`, in its own encoding.

    Raises:
        SourceError: it can not be read, or is no Python; ``line`` in its text.
    """
    try:
        data = path.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return parse_python(data.decode(encoding), str(path))
    except OSError as error:
        raise SourceError(f"{path.name} can't be read: {error.strerror or error}") from error
    except SyntaxError as error:
        problem = SourceError(f"{path.name}, line {error.lineno or 1}: {error.msg}")
        problem.line = error.lineno or 1
        raise problem from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SourceError(f"{path.name}: {error}") from error
