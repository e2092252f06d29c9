"""Databases of SQLite are copied as of one instant, whoever writes to them meanwhile (PACK-01, AP-05, AP-06)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing

import pytest

from runtime.admin import database_files, maintenance
from runtime.admin.packs import pack_application

WRITER = """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
print("ready", flush=True)
while True:
    base.execute("BEGIN IMMEDIATE")
    base.execute("UPDATE account SET money = money - 1 WHERE id <= 500")
    base.execute("UPDATE account SET money = money + 1 WHERE id > 500")
    base.execute("COMMIT")
"""
CRASHED = """
import os, sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute("PRAGMA cache_size = 1")  # changed pages go to the file before the commit
base.execute("BEGIN IMMEDIATE")
base.execute("UPDATE account SET money = 0, filling = ''")
os._exit(0)
"""


@pytest.fixture
def folder(tmp_path):
    """The application ``bank`` of a site, with 1,000 accounts of 1,000 each."""
    made = tmp_path / "applications" / "bank"
    (made / "controllers").mkdir(parents=True)
    (made / "databases").mkdir()
    with closing(sqlite3.connect(made / "databases" / "storage.sqlite")) as base:
        base.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, money INTEGER, filling TEXT)")
        base.executemany("INSERT INTO account VALUES (?, 1000, ?)", ((i + 1, "x" * 200) for i in range(1000)))
        base.commit()
    return made


def money(path) -> int:
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return base.execute("SELECT sum(money) FROM account").fetchone()[0]


def unpacked(folder, target):
    """Pack an application with its data; return the folder that holds its databases again."""
    pack = target / "bank.w2p"
    pack_application(folder, pack, with_data=True)
    with tarfile.open(pack) as tar:
        tar.extractall(target / "unpacked", filter="data")
    return target / "unpacked" / "databases"


def test_copies_hold_whole_transactions_while_another_process_writes(folder, tmp_path):
    command = [sys.executable, "-c", WRITER, str(folder / "databases" / "storage.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        try:
            assert writer.stdout.readline() == "ready\n"
            for number in range(3):
                target = tmp_path / str(number)
                target.mkdir()
                assert money(unpacked(folder, target) / "storage.sqlite") == 1_000_000
                copy = maintenance.duplicate(tmp_path, "bank", f"copy{number}")
                assert money(copy.folder / "databases" / "storage.sqlite") == 1_000_000
                assert os.listdir(copy.folder / "databases") == ["storage.sqlite"]
        finally:
            writer.kill()


def test_what_lies_in_the_log_of_a_database_comes_along(folder, tmp_path):
    """A database in WAL mode is not its file alone."""
    path = folder / "databases" / "storage.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.execute("UPDATE account SET money = 7")
        assert (folder / "databases" / "storage.sqlite-wal").stat().st_size > 0
        databases = unpacked(folder, tmp_path)
        assert os.listdir(databases) == ["storage.sqlite"]
        assert money(databases / "storage.sqlite") == 7000


def test_a_transaction_that_a_crash_cut_off_is_not_copied(folder, tmp_path):
    path = folder / "databases" / "storage.sqlite"
    subprocess.run([sys.executable, "-c", CRASHED, str(path)], check=True, timeout=60)
    assert (folder / "databases" / "storage.sqlite-journal").stat().st_size > 0
    copy = maintenance.duplicate(tmp_path, "bank", "copy")
    assert money(copy.folder / "databases" / "storage.sqlite") == 1_000_000


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + bytes(range(256)) * 20])
def test_other_files_with_such_a_name_are_copied_as_they_are(folder, tmp_path, content):
    (folder / "databases" / "notes.db").write_bytes(content)
    assert (unpacked(folder, tmp_path) / "notes.db").read_bytes() == content
    copy = maintenance.duplicate(tmp_path, "bank", "copy")
    assert (copy.folder / "databases" / "notes.db").read_bytes() == content


def test_a_database_that_stays_locked_stops_the_copy_and_leaves_nothing(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(database_files, "_WAIT", 0.1)
    path = folder / "databases" / "storage.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("BEGIN EXCLUSIVE")
        with pytest.raises(maintenance.ApplicationError, match=r"storage\.sqlite is locked for more than"):
            maintenance.duplicate(tmp_path, "bank", "copy")
        with pytest.raises(OSError, match="is locked"):
            pack_application(folder, tmp_path / "bank.w2p", with_data=True)
    assert os.listdir(tmp_path / "applications") == ["bank"]
    assert not (tmp_path / "bank.w2p").exists()
    assert os.listdir(tmp_path / "deposit") == []


def test_the_same_database_gives_the_same_bytes(folder, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pack_application(folder, tmp_path / name / "bank.w2p", with_data=True)
    assert (tmp_path / "a" / "bank.w2p").read_bytes() == (tmp_path / "b" / "bank.w2p").read_bytes()
