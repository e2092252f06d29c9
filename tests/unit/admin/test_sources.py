"""Text files of applications: read, checked, written without losing anything."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.sources import (
    LARGE,
    ChangedOnDisk,
    SourceError,
    check_text,
    read_piece,
    read_source,
    stamp_of,
    write_source,
)


@given(st.lists(st.tuples(st.text("ab é\t", max_size=4), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8))
def test_ap_12_reading_and_writing_changes_no_byte(tmp_path_factory, lines):
    """AP-12: line ends stay as they are, also when they differ from line to line."""
    path = tmp_path_factory.mktemp("f") / "a.txt"
    data = "".join(text + end for text, end in lines).encode()
    path.write_bytes(data)
    source = read_source(path)
    write_source(source, source.text)
    assert path.read_bytes() == data


def test_ap_12_only_changed_lines_get_the_usual_line_end(tmp_path):
    """AP-12"""
    path = tmp_path / "a.py"
    path.write_bytes(b"a\r\nb\nc\r\nd\r\n")
    source = read_source(path)
    written = write_source(source, "a\nb\nnew\nc\nd\n")
    assert path.read_bytes() == b"a\r\nb\nnew\r\nc\r\nd\r\n"
    write_source(written, "a\nb\nc\nd\n")
    assert path.read_bytes() == b"a\r\nb\nc\r\nd\r\n"


def test_ap_12_encoding_and_permissions_stay(tmp_path):
    """AP-12: declared encodings, byte order marks, the mode; a link stays a link."""
    path = tmp_path / "a.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"))
    path.chmod(0o640)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    write_source(read_source(link), "# -*- coding: latin-1 -*-\nx = 'éà'\n")
    assert path.read_bytes().endswith("x = 'éà'\n".encode("latin-1"))
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    with pytest.raises(SourceError, match="no '€'"):
        write_source(read_source(path), "# -*- coding: latin-1 -*-\nx = '€'\n")
    marked = tmp_path / "b.txt"
    marked.write_bytes(b"\xef\xbb\xbfhello\n")
    write_source(read_source(marked), "hello you\n")
    assert marked.read_bytes() == b"\xef\xbb\xbfhello you\n"


def test_ap_12_changes_of_others_are_not_overwritten(tmp_path):
    """AP-12: changed, replaced, deleted, touched."""
    path = tmp_path / "a.py"
    path.write_text("one\n")
    source = read_source(path)
    other = tmp_path / "other"
    other.write_text("two\n")
    os.replace(other, path)
    with pytest.raises(ChangedOnDisk):
        write_source(source, "mine\n")
    assert path.read_text() == "two\n"
    assert write_source(source, "mine\n", overwrite=True).stamp == stamp_of(path)
    source = read_source(path)
    path.unlink()
    with pytest.raises(ChangedOnDisk):
        write_source(source, "mine\n")
    write_source(source, "mine\n", overwrite=True)
    assert path.read_text() == "mine\n"


def test_ap_12_a_file_with_a_new_number_is_still_the_same(tmp_path):
    """AP-12: network folders number a file anew; it is saved, unless it holds something else."""
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    source = read_source(path)
    again = tmp_path / "b.py"
    again.write_text("x = 1\n")
    again.replace(path)
    assert stamp_of(path) != source.stamp
    saved = write_source(source, "x = 2\n")
    assert path.read_text() == "x = 2\n"
    again.write_text("x = 3\n")
    again.replace(path)
    with pytest.raises(ChangedOnDisk):
        write_source(saved, "x = 4\n")
    assert path.read_text() == "x = 3\n"


def test_ap_12_read_only_files_and_folders_are_named(tmp_path, monkeypatch):
    """AP-12: read-only files are opened to read; a folder that can't be written gives a sentence."""
    path = tmp_path / "a.py"
    path.write_text("one\n")
    source = read_source(path)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everything
    assert "only be read" in read_source(path).read_only
    with pytest.raises(SourceError, match="may only be read"):
        write_source(source, "two\n")
    monkeypatch.undo()

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("runtime.admin.sources.write_atomic", refuse)
    with pytest.raises(SourceError, match=r"a\.py was not saved: Permission denied"):
        write_source(source, "two\n")
    assert path.read_text() == "one\n"


def test_ap_17_large_files_and_files_without_text(tmp_path):
    """AP-17: large files are shown by piece, binary ones are named."""
    path = tmp_path / "large.txt"
    lines = [f"line {at}\n" for at in range(300_000)]
    path.write_text("".join(lines))
    assert path.stat().st_size > LARGE
    read, start = [], 0
    while start < path.stat().st_size:
        source = read_piece(path, start)
        assert "by pieces" in source.read_only
        read.append(source.text)
        start = source.piece[1]
    assert "".join(read) == "".join(lines)
    assert read_source(path).text == read[0]
    with pytest.raises(SourceError, match="was not saved"):
        write_source(read_source(path), "x")
    short = tmp_path / "many.txt"
    short.write_text("\n" * 70_000)
    assert read_source(short).piece is not None
    binary = tmp_path / "b.png"
    binary.write_bytes(b"\x89PNG\0\0")
    with pytest.raises(SourceError, match="holds no text"):
        read_source(binary)
    with pytest.raises(SourceError, match="No such file"):
        read_source(tmp_path / "gone.py")


def test_ap_14_mistakes_are_found_and_nothing_runs(tmp_path):
    """AP-14: Python is parsed, templates are scanned; the line is named."""
    python = tmp_path / "controllers" / "default.py"
    found = check_text(python, "import os\nos.abort()\nx = (1,\n")
    assert [(each.line, each.text) for each in found] == [(3, "SyntaxError: '(' was never closed")]
    view = tmp_path / "views" / "index.html"
    assert 'missing "pass"' in check_text(view, "<p>{{if x:}}\n</p>\n")[0].text
    assert [each.line for each in check_text(view, "<p>\n{{=x(}}\n</p>\n")] == [2]
    assert check_text(view, "{{extend 'a.html'}}{{block x}}{{for y in z:}}{{=y}}{{pass}}{{end}}") == []
    assert check_text(view, "<p>{{=x}}</p>") == []
    assert check_text(tmp_path / "a.txt", "(") == []
    assert "null" in check_text(python, "x = 1\0")[0].text
