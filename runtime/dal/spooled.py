"""A select of any size in bounded memory: its rows go through a temporary file.

They are read at once, so that no transaction, no lock and no cursor waits for what is done with them,
however long that takes; then they are handed out in parts. Only the answer of the database is kept: records
are made of it when their part is asked for.
"""

from __future__ import annotations

import pickle
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from runtime.dal.connections import log_statement

AT_ONCE = 1000
"""Records of one part."""
IN_MEMORY = 4 * 1024 * 1024
"""Bytes that need no file."""
_CURSOR = "hadron_spool"


class SpooledRows:
    """The records of a select, in parts of `AT_ONCE`, each a `Rows`.

    Args:
        dbset: the set.
        fields: as for `Set.select`.
        attributes: of the select, without ``cache`` and ``processor``.

    Attributes:
        count: number of records.
        starts: numbers of the first records of the parts.
    """

    def __init__(self, dbset: Any, fields: Any, attributes: dict[str, Any]) -> None:
        self._db = dbset.db
        adapter = self._db._adapter
        named = [attributes.get(name) for name in ("join", "left", "orderby", "groupby")]
        self._fields = adapter.expand_all(fields, adapter.tables(dbset.query, *named))
        self._names, sql = adapter._select_wcols(dbset.query, self._fields, **attributes)
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # closed when it was read
        self._places: list[int] = []
        self.starts: list[int] = []
        self.count = 0
        for part in _raw_parts(adapter, sql):
            self._places.append(self._file.tell())
            self.starts.append(self.count)
            self.count += len(part)
            pickler = pickle.Pickler(self._file, pickle.HIGHEST_PROTOCOL)
            pickler.dispatch_table = {memoryview: _keep_view}
            pickler.dump(part)

    def none(self) -> Any:
        """Return a `Rows` without records, with the columns of the select."""
        return self._rows([])

    def parts(self) -> Iterator[Any]:
        """Yield the records, once; the file is gone afterwards."""
        with self._file:
            for number in range(len(self.starts)):
                yield self.part(number)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def part(self, number: int) -> Any:
        """Return a part, the first is 0."""
        self._file.seek(self._places[number])
        return self._rows(pickle.load(self._file))  # noqa: S301  # written above, by this object

    def _rows(self, raw: list[Any]) -> Any:
        return self._db._adapter.parse(raw, self._fields, list(self._names))


def _keep_view(view: memoryview) -> Any:
    """Pickle what PostgreSQL's driver returns for bytes, as what it is."""
    return memoryview, (view.tobytes(),)


def _raw_parts(adapter: Any, sql: str) -> Iterator[list[Any]]:
    """Yield what a statement finds, some rows at a time: neither driver nor this process holds all."""
    if adapter.dbengine == "postgres":
        adapter.execute(f"DECLARE {_CURSOR} NO SCROLL CURSOR FOR {sql.rstrip().rstrip(';')}")
        while True:
            adapter.execute(f"FETCH {AT_ONCE} FROM {_CURSOR}")
            part = adapter.cursor.fetchall()
            if not part:
                break
            yield part
        adapter.execute(f"CLOSE {_CURSOR}")
        return
    cursor = _cursor(adapter, sql)
    while part := cursor.fetchmany(AT_ONCE):
        yield list(part)
    if cursor is not adapter.cursor:
        cursor.close()


def _cursor(adapter: Any, sql: str) -> Any:
    """Return a cursor that has executed `sql` and fetches its rows as they are asked for."""
    drivers = getattr(adapter.driver, "cursors", None)  # of MySQL: the usual cursor reads all rows at once
    unbuffered = getattr(drivers, "SSCursor", None) if adapter.dbengine == "mysql" else None
    if unbuffered is None:
        adapter.execute(sql)
        return adapter.cursor
    cursor = adapter.get_connection().cursor(unbuffered)
    began = time.perf_counter()
    cursor.execute(adapter.filter_sql_command(sql))
    log_statement(sql, time.perf_counter() - began)
    return cursor
