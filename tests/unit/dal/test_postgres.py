"""The same on PostgreSQL (SEC-06); a server of its own is started for these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.dal import DAL, Field
from tests.ports import free_port
from tests.services import missing

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def uri() -> Iterator[str]:
    pytest.importorskip("psycopg2")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [
        Path(shutil.which("initdb") or "missing")
    ]
    if not found[-1].exists():
        missing("no PostgreSQL server installed")
    tools = found[-1].parent
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    root = tempfile.mkdtemp(prefix="pg-")
    os.chmod(root, 0o777)
    data, port = os.path.join(root, "data"), free_port()

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, capture_output=True, timeout=60, cwd="/")

    run(str(tools / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {root} -c fsync=off -c max_prepared_transactions=5"
    log = os.path.join(root, "log")
    run(str(tools / "pg_ctl"), "-D", data, "-o", options, "-w", "-l", log, "start")
    try:
        yield f"postgres:psycopg2://postgres:x@127.0.0.1:{port}/postgres"
    finally:
        run(str(tools / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One folder for all: its migration files tell what is in the server."""
    return str(tmp_path_factory.mktemp("databases"))


def watching(uri: str) -> Any:
    """Connect past the database layer."""
    import psycopg2

    host, port = uri.partition("@")[2].partition("/")[0].split(":")
    return psycopg2.connect(host=host, port=port, user="postgres", dbname="postgres")


def models(uri: str, folder: str) -> Any:
    db = DAL(uri, folder=folder, pool_size=2, attempts=1)
    db.define_table("owner", Field("name"), format="%(name)s")
    db.define_table(
        "item", Field("owner_id", "reference owner"), Field("facts", "json"), Field("day", "date")
    )
    return db


def test_sec_06_requests_on_postgresql(uri: str, folder: str, in_request: Any) -> None:
    """SEC-06, FLOW-09, FLOW-10: define, insert, join, roll back; the connection is kept."""
    connections = []
    for turn in range(4):
        with in_request(commit=turn % 2 == 0):
            db = models(uri, folder)
            number = db.owner.insert(name=f"n{turn}")
            db.item.insert(owner_id=number, facts={"a": [turn]}, day="2024-01-02")
            row = db(db.item.owner_id == db.owner.id).select(orderby=~db.item.id).first()
            assert (row.owner.name, row.item.facts, str(row.item.day)) == (
                f"n{turn}",
                {"a": [turn]},
                "2024-01-02",
            )
            connections.append(db._adapter.connection)
            if turn:
                assert not any("CREATE" in sql for sql, _ in db._timings)
    assert len({id(one) for one in connections}) == 1
    with in_request():
        db = models(uri, folder)
        mine = db.owner.name.belongs([f"n{turn}" for turn in range(4)])  # others may have been here before
        assert sorted(row.name for row in db(mine).select()) == ["n0", "n2"]
        assert db._adapter.connection.status != 0


def test_occ_11_no_transaction_stays_open_on_the_server(uri: str, folder: str, in_request: Any) -> None:
    """OCC-11"""
    with in_request():
        db = models(uri, folder)
        db(db.owner).count()
        pid = db._adapter.connection.get_backend_pid()
    watch = watching(uri)
    with watch.cursor() as cursor:
        cursor.execute("select state from pg_stat_activity where pid = %s", (pid,))
        assert cursor.fetchone()[0] == "idle"
    watch.close()


def test_flow_09_a_lost_connection_is_opened_again(uri: str, folder: str, in_request: Any) -> None:
    """FLOW-09: the server closes the kept connection between two requests."""
    with in_request():
        db = models(uri, folder)
        db.owner.insert(name="before")
        pid = db._adapter.connection.get_backend_pid()
    killer = watching(uri)
    killer.autocommit = True
    with killer.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", (pid,))
        end = time.monotonic() + 60
        while cursor.execute("select 1 from pg_stat_activity where pid = %s", (pid,)) or cursor.fetchone():
            assert time.monotonic() < end, "the process of the server does not end"
    killer.close()
    with in_request():
        db = models(uri, folder)
        assert db(db.owner.name == "before").count() == 1
        assert db._adapter.connection.get_backend_pid() != pid


def test_flow_09_distributed_transactions(uri: str, folder: str, in_request: Any) -> None:
    """The documented names commit on both or on none."""
    for turn in range(2):
        with in_request():
            one, two = models(uri, folder), models(uri, folder)
            DAL.distributed_transaction_begin(one, two)
            one.owner.insert(name=f"d{turn}")
            two.owner.insert(name=f"d{turn}")
            DAL.distributed_transaction_commit(one, two)
    with in_request():
        db = models(uri, folder)
        assert db(db.owner.name.startswith("d")).count() == 4
