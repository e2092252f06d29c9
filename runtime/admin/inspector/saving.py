"""In the child: the file of a column written to a path of this computer (DB-04)."""

from __future__ import annotations

import shutil
from io import BytesIO
from typing import IO, Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.files import FILE_KINDS, original_name, upload_path
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.records import read_one
from runtime.admin.inspector.values import blob, kind_of
from runtime.admin.inspector.work import Work
from runtime.foundation.files import open_atomic


def save_file(
    application: Application, work: Work, database: str, table: str, *, key: list[Any], field: str, path: str
) -> dict[str, Any]:
    """Write the file of an upload column, or the bytes of a blob, to a path of this computer.

    Returns:
        ``path``, ``size``.

    Raises:
        InspectorProblem: there is no such record or file (any more); the path can't be written.
    """
    db, found = application.database(database), application.table(database, table)
    if field not in found.fields or kind_of(found[field].type) not in FILE_KINDS:
        raise InspectorProblem("refused", f"There is no file in the column {field!r}.")
    raw = dict(zip(found.fields, read_one(db, found, key), strict=False))
    if not raw[field]:
        raise InspectorProblem("gone", "There is no file in this record (any more).")
    source = _source(application, db, found[field], raw)
    work.check()
    try:
        with source, open_atomic(path) as target:
            shutil.copyfileobj(source, target, 1 << 20)
            size = target.tell()
    except OSError as error:
        raise InspectorProblem("refused", f"{path} can't be written: {error.strerror or error}.") from error
    return {"path": path, "size": size}


def _source(application: Application, db: Any, field: Any, raw: dict[str, Any]) -> IO[bytes]:
    """Return the content of a file as a stream.

    Raises:
        InspectorProblem: it is not there.
    """
    value = raw[field.name]
    if kind_of(field.type) == "blob":
        return BytesIO(blob(value))
    if isinstance(field.uploadfield, str):
        return BytesIO(blob(raw[field.uploadfield]) if raw.get(field.uploadfield) is not None else b"")
    try:
        if field.uploadfield is True and not field.uploadfs and not field.custom_retrieve:
            path = upload_path(application, field, str(value))
            if not path:
                raise FileNotFoundError
            return open(path, "rb")
        stream = field.retrieve(str(value))[1]
        return open(stream, "rb") if isinstance(stream, str) else stream
    except Exception as error:
        raise InspectorProblem(
            "gone", f"The file {original_name(field, str(value))} is not there."
        ) from error
