"""Figures of the panels Databases and Cache: ``python tests/benchmarks/bench_data_panels.py``.

Each is compared with a peer measured in the same run: a page of rows with the bare statement of the driver, the
scrolling with a plain table of Qt, the filter of keys with one pass of ``in`` over plain texts, the tree of a large
value with `json.loads` alone. With ``value`` behind it only the last is measured.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1] / "desktop"))

from data_site import shop
from PySide6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem

from desktop.background import Tasks
from desktop.panels.cache.actions import CacheActions
from desktop.panels.cache.model import Key, Snapshot
from desktop.panels.cache.view import CachePanel
from desktop.panels.databases.actions import DatabaseActions
from desktop.panels.databases.model import Place
from desktop.panels.databases.view import DatabasesPanel
from desktop.shell.preferences import MemoryLayout
from desktop.theme import Theme
from desktop.widgets.value.parts import find
from desktop.widgets.value.tabular import in_order, table_of
from desktop.widgets.value.view import Value, ValueView
from runtime.admin.inspector import Inspectors
from runtime.admin.value_tree import pack, tree_text

ROWS, KEYS = 1_000_000, 100_000
PLACE = {"database": "db", "table": "thing"}


def best(function: Callable[[], Any], times: int = 5) -> float:
    """Shortest of some runs, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(1000 * (time.perf_counter() - start))
    return min(taken)


def cpu(function: Callable[[], Any], times: int = 3) -> float:
    """Least processor time of some runs, in milliseconds: a busy machine takes time away, not work."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        function()
        taken.append(1000 * (time.process_time() - start))
    return min(taken)


def show(name: str, value: float, peer: float, what: str) -> None:
    print(f"{name:52} {value:8.1f} ms   {value / peer:6.1f} x {what} ({peer:.2f} ms)", flush=True)


def statement(path: Path, sql: str) -> float:
    """Time of a bare statement, in milliseconds."""
    db = sqlite3.connect(path)
    try:
        return best(lambda: db.execute(sql).fetchall())
    finally:
        db.close()


def inspector(site: Path, path: Path) -> None:
    with Inspectors(site) as inspectors:
        asker = inspectors.of("shop")
        begun = time.perf_counter()
        asker.describe()
        start = 1000 * (time.perf_counter() - begun)
        empty = best(lambda: os.system(f"{sys.executable} -c pass"), 3)
        show("inspector started, models run, described", start, empty, "an empty Python")
        bare = statement(path, "SELECT * FROM thing ORDER BY id LIMIT 200")
        show(
            "first page of 1 000 000 rows, with references",
            best(lambda: asker.ask("page", **PLACE)),
            bare,
            "statement",
        )
        after = [500_000]
        page = best(lambda: asker.ask("page", after=after, **PLACE))
        bare = statement(path, "SELECT * FROM thing WHERE id > 500000 ORDER BY id LIMIT 200")
        show("page in the middle, by key", page, bare, "statement")
        offset = statement(path, "SELECT * FROM thing ORDER BY id LIMIT 200 OFFSET 500000")
        show("the same by OFFSET, as a statement alone", offset, bare, "statement by key")
        bare = statement(path, "SELECT * FROM thing ORDER BY price, id LIMIT 200")
        ordered = best(lambda: asker.ask("page", order=["price", False], limit=30, **PLACE), 2)
        show("first page ordered by a column without index", ordered, bare, "statement")
        bare = statement(path, "SELECT count(*) FROM thing WHERE name LIKE '%lamp 99%'")
        counted = best(lambda: asker.ask("count", filters={"name": "~lamp 99"}, limit=30, **PLACE), 2)
        show("exact count of a text filter", counted, bare, "statement")


def plain_frame(app: QApplication) -> float:
    """CPU time of a frame of Qt's own table with as many cells, in milliseconds."""
    table = QTableWidget(2000, 10)
    for row in range(2000):
        for column in range(10):
            table.setItem(row, column, QTableWidgetItem(f"{row} {column}"))
    table.resize(800, 700)
    table.show()
    frames = []
    for at in range(100):
        begun = time.thread_time()
        table.verticalScrollBar().setValue(7 * at)
        table.viewport().repaint()
        app.processEvents()
        frames.append(1000 * (time.thread_time() - begun))
    table.deleteLater()
    return sorted(frames)[50]


def scrolling(app: QApplication, theme: Theme, site: Path) -> None:
    actions = DatabaseActions(Tasks(), lambda: site)
    panel = DatabasesPanel(theme, actions, MemoryLayout())
    panel.resize(1100, 760)
    panel.show()
    panel.show_applications("shop", ("shop",))
    begun = time.perf_counter()
    panel.open_table(Place("shop", "db", "thing"), None)
    while panel.state() != "rows":
        app.processEvents()
    opened = 1000 * (time.perf_counter() - begun)
    page = 1000 * panel.session.rows.rowCount()
    print(
        f"{'table opened in the panel, models and child included':52} {opened:8.1f} ms   ({page // 1000} rows)"
    )
    while not panel.session.count.exact:
        app.processEvents()
    frames: list[float] = []
    bar = panel.grid.verticalScrollBar()
    until = time.perf_counter() + 6
    while time.perf_counter() < until:
        begun, wall = time.thread_time(), time.perf_counter()
        bar.setValue(min(bar.maximum(), bar.value() + 7))
        panel.grid.viewport().repaint()
        app.processEvents()
        frames.append(1000 * (time.thread_time() - begun))  # a busy machine takes time away, not work
        time.sleep(max(0.0, 0.016 - (time.perf_counter() - wall)))
    frames.sort()
    plain = plain_frame(app)
    rows = panel.session.rows.rowCount()
    show(f"scrolling {rows} rows: CPU of a frame, median", frames[len(frames) // 2], plain, "a plain table")
    show("scrolling: CPU of a frame, 99 %", frames[int(len(frames) * 0.99)], plain, "a plain table")
    show("scrolling: CPU of the longest frame", frames[-1], plain, "a plain table")
    actions.close()
    panel.deleteLater()


def keys(app: QApplication, theme: Theme, site: Path) -> None:
    caches = CacheActions(Tasks(), lambda: site)
    panel = CachePanel(theme, caches, MemoryLayout({"cache.refresh": "0"}))
    panel.resize(1100, 760)
    panel.show()
    now = time.time()
    rows = tuple(
        Key("shop", "ram", f"page:/shop/thing/{at}", "int", at % 977, now - at) for at in range(KEYS)
    )
    caches.snapshot = Snapshot(now, True, (), rows)
    panel.show_snapshot(caches.snapshot)
    texts = [one.key.casefold() for one in rows]
    peer = best(lambda: [text for text in texts if "99" in text])

    def typed(text: str) -> Callable[[], None]:
        def type_it() -> None:
            panel.filter.setText("")
            panel._on_typed()
            begun = time.perf_counter()
            panel.filter.setText(text)
            panel._on_typed()
            panel.table.viewport().repaint()
            taken.append(1000 * (time.perf_counter() - begun))

        return type_it

    for text in ("99", "*99*", "/thing.99[0-9]+$/"):
        taken: list[float] = []
        best(typed(text), 5)
        show(f"filter {KEYS} keys by {text}, shown", min(taken), peer, "one pass of `in`")
    ordered = best(lambda: panel.order_by("size", True), 3)
    show(f"order {KEYS} keys by size, shown", ordered, peer, "one pass of `in`")
    panel.form.set_value("tree")
    show("tree of the names, shown", best(lambda: panel._on_form("tree"), 3), peer, "one pass of `in`")
    caches.close()
    panel.deleteLater()


def value(app: QApplication, theme: Theme) -> None:
    """A JSON text of 10 MB opened as a tree, beside `json.loads` alone, and what the window does meanwhile."""
    rows = [
        {"id": at, "name": f"Lamp {at}", "price": at * 1.25, "of": ["oak", "linen"]} for at in range(130_000)
    ]
    text = json.dumps(rows)
    peer = cpu(lambda: json.loads(text), 5)
    tasks = Tasks()
    view = ValueView(theme, "bench.value", tasks)
    view.resize(520, 700)
    view.show()
    view.show_form("tree")
    app.processEvents()
    taken, waits = [], []
    for _ in range(3):
        begun, longest = time.process_time(), 0.0
        view.show_value(Value(text=text, size=len(text)))
        while view.is_reading():
            turn = time.thread_time()
            app.processEvents()
            longest = max(longest, time.thread_time() - turn)
            time.sleep(0.002)
        view.tree.tree.viewport().repaint()
        taken.append(1000 * (time.process_time() - begun))
        waits.append(1000 * longest)
    show(
        f"JSON of {len(text) / 1e6:.1f} MB, {len(rows)} rows, opened as a tree",
        min(taken),
        peer,
        "json.loads",
    )
    show("meanwhile: CPU of the window's longest turn", min(waits), peer, "json.loads")
    parts = view.tree.tree.parts_model.root.parts
    show("a text looked for in all of it", cpu(lambda: find(parts, "Lamp 129999")), peer, "json.loads")
    table = table_of(parts)
    assert table is not None
    show(
        "all rows ordered by a column", cpu(lambda: in_order(table.rows, 1, True, False)), peer, "json.loads"
    )
    packed = cpu(lambda: pack(tree_text(rows)))
    show("made ready by the process that owns the rows", packed, cpu(lambda: json.dumps(rows)), "json.dumps")
    tasks.close()
    view.deleteLater()


def main() -> None:
    app = QApplication(sys.argv[:1])
    theme = Theme(app)
    if "value" in sys.argv[1:]:
        value(app, theme)
        return
    with tempfile.TemporaryDirectory() as name:
        site = Path(name)
        path = shop(site, ROWS)
        inspector(site, path)
        scrolling(app, theme, site)
        keys(app, theme, site)
        value(app, theme)
        app.processEvents()


if __name__ == "__main__":
    main()
