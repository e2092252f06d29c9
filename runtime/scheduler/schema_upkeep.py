"""The indexes that keep workers quick, whatever the history (SCHED-19, SCHED-20)."""

from __future__ import annotations

import logging

from runtime.scheduler.connection import WorkerConnection

log = logging.getLogger("web2py.scheduler")

INDEXES = {
    "scheduler_task_due": "scheduler_task (status, next_run_time, id)",
    "scheduler_run_task": "scheduler_run (task_id)",
    "scheduler_deps_child": "scheduler_task_deps (task_child)",
    "scheduler_deps_parent": "scheduler_task_deps (task_parent)",
}
"""Name of each index, and the table and columns it is made on."""


_MYSQL_INDEX = (
    "SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ?"
)


def ensure_indexes(connection: WorkerConnection) -> None:
    """Create the indexes that are missing, on tables of any age.

    A database that refuses (no right, no such syntax) works without them.
    """
    for name, columns in INDEXES.items():
        try:
            if connection.is_sqlite or connection.is_postgres:
                connection.run(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
            elif not (connection.is_mysql and connection.rows(_MYSQL_INDEX, name)):
                connection.run(f"CREATE INDEX {name} ON {columns}")
        except Exception as error:
            if connection.passes(error):
                raise
            log.debug("no index %s: %s", name, error)
            connection.close()
