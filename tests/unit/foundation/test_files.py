"""Atomic files, locks and safe paths."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.paths import UnsafePath, safe_join


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["f"]


def test_mode_and_content(tmp_path):
    path = tmp_path / "f"
    write_atomic(path, "é\r\n", mode=0o600)
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    assert path.stat().st_mode & 0o777 == 0o600
    write_atomic(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "f"
    write_atomic(path, "a" * 100_000)
    stop = threading.Event()
    seen: set[int] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(len(path.read_bytes()))

    reader = threading.Thread(target=read)
    reader.start()
    for size in range(100_000, 100_050):
        write_atomic(path, "a" * size)
    stop.set()
    reader.join()
    assert min(seen) >= 100_000


def test_lock_is_held_against_others(tmp_path):
    lock = tmp_path / "lock"
    with file_lock(lock), pytest.raises(TimeoutError, match="lock"), file_lock(lock, timeout=0.05):
        pass
    with file_lock(lock, timeout=0.05):
        pass


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_val_01_safe_join_never_leaves_its_folder(parts):
    """VAL-01, SEC-03."""
    root = os.path.realpath("/tmp")
    try:
        path = safe_join(root, *parts)
    except (UnsafePath, ValueError):
        return
    assert os.path.commonpath([root, path]) == root


@pytest.mark.parametrize("part", ["..", "../x", "a/../../x", "/etc", "c:/x", "a\0b", "..\\x"])
def test_val_01_hostile_parts(tmp_path, part):
    with pytest.raises(UnsafePath):
        safe_join(tmp_path, part)
