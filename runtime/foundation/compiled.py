"""The file of a compiled application: what stands at its head, and who can read it (PACK-03).

``compiled/application.bin`` is one line of JSON (the header), then the code. The header can be read
without running or even loading the code.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import Any

from runtime.foundation.problems import UserError

FOLDER = "compiled"
FILE = "application.bin"
FORMAT = "hadron-compiled-1"
MAX_HEADER = 4 * 1024**2
"""Bytes of the header line."""


class CompiledError(UserError):
    """A compiled application can not be used here; the text says what it is and what to do."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a compiled application says about itself.

    Attributes:
        python: implementation and version that the code is for, as ``cpython-311``.
        magic: number of the bytecode, hexadecimal.
        delimiters: of the views.
        controllers, models, views: names of what is in it.
        size: bytes of the code behind the header.
        digest: SHA-256 of these bytes, hexadecimal.
        format: `FORMAT`.
    """

    python: str
    magic: str
    delimiters: tuple[str, str]
    controllers: tuple[str, ...]
    models: tuple[str, ...]
    views: tuple[str, ...]
    size: int
    digest: str
    format: str = FORMAT

    @classmethod
    def of(
        cls,
        code: bytes,
        delimiters: tuple[str, str],
        controllers: tuple[str, ...],
        models: tuple[str, ...],
        views: tuple[str, ...],
    ) -> Header:
        """Return the header of `code`, which this Python made."""
        digest = hashlib.sha256(code).hexdigest()
        return cls(
            str(sys.implementation.cache_tag),
            MAGIC_NUMBER.hex(),
            delimiters,
            controllers,
            models,
            views,
            len(code),
            digest,
        )

    def problem(self) -> str | None:
        """Return why this Python can not run the code, None when it can."""
        if self.magic != MAGIC_NUMBER.hex():
            return (
                f"it was compiled for {self.python}, this is {sys.implementation.cache_tag}; "
                "compile it again from its sources with this Python"
            )
        return None


def compiled_path(folder: str | os.PathLike[str]) -> str:
    """Return where the compiled form of the application in `folder` lies."""
    return os.path.join(folder, FOLDER, FILE)


def write(header: Header, code: bytes) -> bytes:
    """Return the content of the file."""
    return json.dumps(asdict(header), separators=(",", ":")).encode("ascii") + b"\n" + code


def read_header(path: str | os.PathLike[str]) -> Header:
    """Return the header of a compiled application.

    Raises:
        CompiledError: it is damaged, or of a newer Hadron.
        OSError: it can not be read.
    """
    with open(path, "rb") as stream:
        return parse_header(stream.readline(MAX_HEADER), path)


def read(path: str | os.PathLike[str]) -> tuple[Header, bytes]:
    """Return header and code of a compiled application that this Python can run.

    Raises:
        CompiledError: it is damaged, of a newer Hadron, or for another Python.
        OSError: it can not be read.
    """
    with open(path, "rb") as stream:
        header = parse_header(stream.readline(MAX_HEADER), path)
        code = stream.read(header.size + 1)
    problem = header.problem()
    if problem is None and (len(code) != header.size or hashlib.sha256(code).hexdigest() != header.digest):
        problem = "it is damaged; install it again"
    if problem is not None:
        raise CompiledError(f"{path} can not be used: {problem}")
    return header, code


def parse_header(begin: bytes, path: Any) -> Header:
    """Return the header that stands at the begin of a compiled application.

    Args:
        begin: the first bytes of the file, at least its first line.
        path: of the file, for the message.

    Raises:
        CompiledError: it is damaged, or of a newer Hadron.
    """
    try:
        values = json.loads(begin.partition(b"\n")[0])
        if values.get("format") != FORMAT:
            raise ValueError(f"format {values.get('format')!r}")
        lists = {name: tuple(values[name]) for name in ("delimiters", "controllers", "models", "views")}
        return Header(**(values | lists))
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CompiledError(f"{path} is no compiled application that this Hadron can read: {error}") from None


_OLD_PYTHONS = (
    (3320, "Python 3"), (3360, "Python 3.5"), (3380, "Python 3.6"), (3400, "Python 3.7"),
    (3420, "Python 3.8"),
    (3430, "Python 3.9"), (3450, "Python 3.10"), (3500, "Python 3.11"), (3550, "Python 3.12"),
    (3600, "Python 3.13"), (20000, "Python 3"), (62140, "Python 2.5"), (62170, "Python 2.6"),
)  # fmt: skip
"""Bytecode numbers, each the first one after a version of Python."""


def foreign_form(folder: str | os.PathLike[str]) -> str | None:
    """Return what made the ``compiled/`` of the application in `folder` when Hadron did not, else None.

    The old framework wrote one ``.pyc`` file for each model, action and view.
    """
    place = os.path.join(folder, FOLDER)
    try:
        names = sorted(os.listdir(place))
    except OSError:
        return None
    if FILE in names:
        return None
    for name in names:
        if name.endswith(".pyc"):
            try:
                with open(os.path.join(place, name), "rb") as stream:
                    return f"the old framework under {python_of(stream.read(4))}"
            except OSError:
                continue
    return None


def python_of(magic: bytes) -> str:
    """Return the version of Python that begins its ``.pyc`` files with `magic`."""
    number = int.from_bytes(magic[:2], "little")
    return next((name for limit, name in _OLD_PYTHONS if number < limit), "Python 2.7")


def foreign_problem(name: str, origin: str) -> str:
    """Return the message for an application of which only a foreign compiled form is there."""
    return (
        f"{name} holds no sources, only what {origin} compiled them to, which no other program can run. "
        "Install the application from its sources."
    )


def renamed(code: CodeType, filename: str) -> CodeType:
    """Return `code` and all code in it under another file name."""
    constants = tuple(
        renamed(item, filename) if isinstance(item, CodeType) else item for item in code.co_consts
    )
    return code.replace(co_filename=filename, co_consts=constants)
