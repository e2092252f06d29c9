"""In the child: files in columns for uploads and bytes: taken, replaced, removed (DB-04, DB-05)."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from typing import IO, Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.values import ValueProblem, blob, kind_of
from runtime.web.forms_data import Upload

LARGEST_BYTES = 64_000_000
"""Bytes of a file that goes into the database itself."""
FILE_KINDS = ("upload", "blob")


class KeptFiles:
    """The files of one batch of changes: new ones go when it fails, old ones only when it is committed.

    What is replaced or deleted is removed where the `Field` says so (``autodelete``), else it stays.
    """

    def __init__(self, application: Application, table: Any) -> None:
        self._application = application
        self._fields = [field for field in table if kind_of(field.type) == "upload"]
        self._removed = [field.name for field in self._fields if field.autodelete]
        self._new: list[tuple[Any, str]] = []
        self._old: list[tuple[Any, str]] = []

    @contextlib.contextmanager
    def held(self) -> Iterator[KeptFiles]:
        """Keep pydal from removing files before the commit; drop the new ones when something is raised."""
        before = [(field, field.autodelete) for field in self._fields]
        for field in self._fields:
            field.autodelete = False
        try:
            yield self
        except BaseException:
            self.drop()
            raise
        finally:
            for field, autodelete in before:
                field.autodelete = autodelete

    def store(self, field: Any, given: Upload) -> dict[str, Any]:
        """Store a file as the field wants it; return the values of the columns that it fills.

        Raises:
            ValueProblem: it can't be stored.
        """
        given.file.seek(0)
        try:
            name = field.store(given.file, given.filename, _folder(self._application, field))
        except OSError as error:
            raise ValueProblem(f"The file can't be stored: {error.strerror or error}.") from error
        self._new.append((field, name))
        values: dict[str, Any] = {field.name: name}
        if isinstance(field.uploadfield, str):
            values[field.uploadfield] = given.value
        return values

    def replaced(self, now: dict[str, Any], wanted: dict[str, Any] | None) -> None:
        """Note the files of a record that is changed, or deleted where `wanted` is None."""
        for field in self._fields:
            name = now.get(field.name)
            gone = wanted is None or (field.name in wanted and wanted[field.name] != name)
            if name and gone and field.name in self._removed and field.uploadfield is True:
                self._old.append((field, str(name)))

    def drop(self) -> None:
        """Remove the new files: their records were not written."""
        for field, name in self._new:
            self._remove(field, name)
        self._new.clear()

    def settle(self) -> None:
        """Remove what was replaced: the records are written."""
        for field, name in self._old:
            self._remove(field, name)

    def _remove(self, field: Any, name: str) -> None:
        with contextlib.suppress(OSError):
            if field.custom_delete:
                field.custom_delete(name)
            elif field.uploadfs:
                field.uploadfs.remove(name)
            elif field.uploadfield is True:
                path = upload_path(self._application, field, name)
                if path:
                    os.unlink(path)


def _folder(application: Application, field: Any) -> str | None:
    """Return the folder for a field that knows none by itself; None where it does."""
    if field.uploadfolder or field.uploadfs or field.uploadfield is not True:
        return None
    if getattr(getattr(field._db, "_adapter", None), "folder", None):
        return None
    return os.path.join(application.folder, "uploads")


def opened(given: dict[str, Any]) -> Upload:
    """Return the file that a person chose, as validators and `Field.store` want it; the caller closes it.

    Raises:
        ValueProblem: it can't be read.
    """
    path = str(given["file"])
    try:
        stream: IO[bytes] = open(path, "rb")  # closed by who asked
    except OSError as error:
        raise ValueProblem(f"{path} can't be read: {error.strerror or error}.") from error
    return Upload("file", os.path.basename(path), stream, {})


def bytes_of(given: Upload) -> bytes:
    """Return the content of a file for the database itself.

    Raises:
        ValueProblem: it is too large.
    """
    size = os.fstat(given.file.fileno()).st_size
    if size > LARGEST_BYTES:
        most = LARGEST_BYTES // 10**6
        raise ValueProblem(f"The file has {size / 1e6:.0f} MB; a column takes {most} at most.")
    return given.value


def upload_path(application: Application, field: Any, name: str) -> str:
    """Return the path of an uploaded file; empty when it is not there."""
    folder = field.uploadfolder or os.path.join(application.folder, "uploads")
    places = [os.path.join(folder, name)]
    if field.uploadseparate:
        parts = name.split(".")
        if len(parts) > 2:
            places.insert(0, os.path.join(folder, f"{parts[0]}.{parts[1]}", parts[2][:2], name))
    root = os.path.realpath(folder)
    for path in places:
        if os.path.realpath(path).startswith(root + os.sep) and os.path.isfile(path):
            return path
    return ""


def file_facts(application: Application, field: Any, value: Any) -> dict[str, Any]:
    """Return what the window shows of a file.

    Returns:
        for an upload its ``filename``, ``path`` and ``size`` where it lies in a folder, and whether it is
        ``stored`` at all; for bytes their ``value``; nothing for other columns.
    """
    kind = kind_of(field.type)
    if kind == "blob":
        return {} if value is None else {"value": described(blob(value))}
    if kind != "upload" or not value:
        return {}
    name = str(value)
    path = upload_path(application, field, name) if field.uploadfield is True else ""
    facts: dict[str, Any] = {"path": path, "filename": original_name(field, name)}
    if path:
        with contextlib.suppress(OSError):
            facts["size"] = os.path.getsize(path)
    facts["stored"] = bool(path) or field.uploadfield is not True or bool(field.uploadfs)
    return facts


def described(data: bytes) -> dict[str, Any]:
    """Return bytes as a cell tells them: how many, and what makes them the same later."""
    return {"bytes": len(data), "digest": hashlib.sha256(data).hexdigest()}


def is_same(read: Any, now: Any) -> bool:
    """Tell whether a column still holds what the window has read (OCC-10)."""
    if not isinstance(read, dict) or not isinstance(now, bytes):
        return bool(read == now)
    found = described(now)
    return all(found.get(name) == value for name, value in read.items())


def original_name(field: Any, name: str) -> str:
    """Return the name that a file had when it was uploaded; the stored one where that is not known."""
    try:
        found = field.retrieve_file_properties(name)["filename"]
    except Exception:  # not stored by web2py, or a retrieval of the application fails
        return name
    return os.path.basename(str(found)) or name
