"""Validators of uploads in forms (NAMES-07, SEC-03)."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from runtime.dal import Field
from runtime.dal.validators import IS_FILE, IS_IMAGE, IS_LENGTH, IS_NOT_EMPTY, IS_STRONG, IS_UPLOAD_FILENAME
from runtime.forms import FORM, SQLFORM
from runtime.html import INPUT
from runtime.web.forms_data import Upload


def png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9))
        + chunk(b"IEND", b"")
    )


def upload(name, data):
    return Upload("f", name, io.BytesIO(data), {})


@pytest.mark.parametrize(
    ("validator", "good", "bad"),
    [
        (IS_IMAGE(), [("a.png", png(3, 3))], [("a.png", b"<?php"), ("a.php", png(3, 3)), ("a", b"")]),
        (IS_IMAGE(maxsize=(2, 2)), [("a.png", png(2, 2))], [("a.png", png(3, 2))]),
        (IS_UPLOAD_FILENAME(extension="pdf"), [("a.PDF", b"")], [("a.pdf.exe", b""), ("pdf", b"")]),
        (IS_FILE(extension=["pdf", "txt"]), [("a.txt", b"")], [("a.exe", b"")]),
        (IS_LENGTH(4, 2), [("a", b"1234")], [("a", b"12345"), ("a", b"1")]),
        (IS_NOT_EMPTY(), [("a", b"x")], []),
    ],
)
def test_names_07_files(validator, good, bad):
    """NAMES-07: and the file can still be read from its start."""
    for name, data in good:
        form = FORM(INPUT(_type="file", _name="f", requires=validator))
        assert form.accepts({"f": upload(name, data)}, None, formname=None), (name, form.errors)
        assert form.vars.f.file.read() == data
    for name, data in bad:
        form = FORM(INPUT(_type="file", _name="f", requires=validator))
        assert not form.accepts({"f": upload(name, data)}, None, formname=None), name


def test_sec_03_a_text_where_a_file_belongs(db, visit, tmp_path):
    """SEC-03: a made-up stored name is not believed, in new records and old ones."""
    db.define_table("t", Field("a"), Field("f", "upload", uploadfolder=str(tmp_path)))
    evil = "t.f.0123456789abcdef.2e2e2f.py"
    visitor = visit(lambda: SQLFORM(db.t))
    assert visitor.send(a="x", f=evil).accepted
    assert not db.t(1).f
    visitor.form = visitor.get()
    assert visitor.send(a="x", f=upload("a.txt", b"1")).accepted
    stored = db.t(2).f
    edit = visit(lambda: SQLFORM(db.t, 2))
    assert edit.send(a="y", f=evil).accepted
    assert db.t(2).f == stored
    assert edit.send(f=["x", "y"]).accepted
    assert db.t(2).f == stored


def test_sec_03_files_in_the_database(db, visit):
    """RESP-03: uploadfield: the content goes to a blob of the record."""
    db.define_table("t", Field("f", "upload", uploadfield="data"), Field("data", "blob"))
    assert visit(lambda: SQLFORM(db.t)).send(f=upload("../../x.py", b"content")).accepted
    name, stream = db.t.f.retrieve(db.t(1).f)
    assert stream.read() == b"content"
    assert "/" not in name


def test_names_07_is_strong():
    """NAMES-07: by rules and by entropy."""
    assert IS_STRONG(entropy=40)("abc")[1]
    assert IS_STRONG(entropy=40)("Tr0ub4dor&3xyz")[1] is None
    assert "uppercase" in str(IS_STRONG(min=1, upper=1)("abc")[1]).lower()
