"""From what a form was sent to the values of fields: boxes, files, empty texts (SEC-03)."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from runtime.forms.widgets.uploads import UploadWidget
from runtime.foundation.current import current
from runtime.foundation.storage import Storage


def field_values(form: Any) -> Storage:
    """Return the values that the fields of `form` get; files are not stored yet.

    The form learns in `sent_names` which fields the browser has sent, in
    `left_out` which of a new record keep their default.
    """
    out = Storage()
    sent: set[str] = set()
    left_out: set[str] = set()
    for name in (*form.editable, *(field.name for field in form.extra_fields)):
        if name not in form.vars:
            continue
        field = _field(form, name)
        value = form.vars[name]
        came = _came(form, field)
        if came:
            sent.add(name)
        if field.type == "upload":
            value = _file_value(form, field, value)
            if value is None or value == "":
                left_out.add(name)
        elif field.type == "boolean":
            value = value not in (None, False, "", "off", "F", "false", "False", "0")
        elif field.type == "password" and value is None and form.record is not None:
            value = form.record.get(name) if form.request_vars.get(name) else None
        elif value == "" and _no_text(field):
            value = None
        out[name] = value
    form.sent_names, form.left_out = frozenset(sent), frozenset(left_out)
    return out


def _field(form: Any, name: str) -> Any:
    if name in form.table.fields:
        return form.table[name]
    return next(field for field in form.extra_fields if field.name == name)


def _no_text(field: Any) -> bool:
    return str(field.type) not in ("string", "text", "upload", "json", "blob")


_SILENT = ("input[type=checkbox]", "input[type=radio]", "select", "ul")
"""Controls that send nothing when nothing is chosen."""


def _came(form: Any, field: Any) -> bool:
    """Tell whether the browser sent the field; boxes and lists send nothing when nothing is chosen."""
    vars, name = form.request_vars, field.name
    if name in vars or f"{name}{UploadWidget.ID_DELETE_SUFFIX}" in vars:
        return True
    widget = form.controls.get(name)
    nothing_sent = hasattr(widget, "element") and any(map(widget.element, _SILENT))
    return bool(nothing_sent) or field.type == "boolean"


def _file_value(form: Any, field: Any, value: Any) -> Any:
    """Return the upload, or the name that stays stored; text instead of a file is not believed."""
    name = field.name
    if hasattr(value, "file"):
        return value
    stored = form.record.get(name) if form.record is not None else None
    if form.vars.get(name) is not value and isinstance(value, str):
        return value
    return "" if form.request_vars.get(f"{name}{UploadWidget.ID_DELETE_SUFFIX}") else stored


def keep_files(form: Any) -> None:
    """Store what was uploaded under safe names; ``form.vars`` has the names then."""
    new: set[str] = set()
    for name in (*form.editable, *(field.name for field in form.extra_fields)):
        field = _field(form, name)
        value = form.vars.get(name)
        if field.type != "upload" or not hasattr(value, "file"):
            continue
        stored = field.store(value.file, value.filename, _folder(field))
        if isinstance(field.uploadfield, str):
            value.file.seek(0)
            form.vars[field.uploadfield] = value.file.read()
        form.vars[name] = form.vars[f"{name}_newfilename"] = stored
        new.add(name)
    form.new_files = frozenset(new)


def drop_files(form: Any) -> None:
    """Remove the files that `keep_files` has stored: their record was not saved."""
    for name in form.new_files:
        field, stored = _field(form, name), form.vars.get(name)
        if field.custom_delete:
            field.custom_delete(stored)
        elif field.uploadfs:
            field.uploadfs.remove(stored)
        elif field.uploadfield is True:
            folder = field.retrieve_file_properties(stored, _folder(field))["path"]
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(folder, stored))


def _folder(field: Any) -> str | None:
    """Return where files go of a field that knows neither folder nor database: the application's uploads."""
    if field.uploadfolder or field.uploadfs or getattr(getattr(field._db, "_adapter", None), "folder", None):
        folder: str | None = field.uploadfolder
        return folder
    request = getattr(current, "request", None)
    return None if request is None else os.path.join(str(request.folder), "uploads")
