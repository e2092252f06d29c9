"""What every application of the comparison has in common: tables, rows, texts, files, addresses.

Table names, values and addresses are the same for all, so that the benchmark can send the same requests.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

GROUPS = 10
ITEMS = 1000
SHOWN = 20
"""Rows of one page of the list."""
TABLES = 30
"""Tables of the large application."""
WAIT = 0.05
"""Seconds that the waiting action takes."""

WORDS = {
    "Products": "Waren",
    "Name": "Name",
    "Price": "Preis",
    "Hello %s": "Hallo %s",
    "Last update today": "Heute zuletzt geändert",
}
"""The five texts of the page, and their German, which the benchmark asks for."""

PAGE_ROWS = [(n, f"Bolt & nut <{n}>" if n % 10 == 0 else f"Bolt {n}", n * 1.25) for n in range(50)]
"""Rows of the page without a database: number, name, price."""

COLUMNS = {
    "groups": (("name", "code", "city"), ("rank",)),
    "item": (("name", "title"), ("amount", "weight")),
    "person": (("name", "city"), ("rank",)),
}
"""Columns of texts and of numbers of the small application's tables; `item` and `person` refer to a group.

Its fourth table, `note`, is the form's: title, amount, body.
"""

MANY_COLUMNS = (("name", "title", "code", "city", "street"), ("amount", "weight", "rank"))
"""Columns of each table of the large application, beside `id` and the reference to the table before."""

ADDRESSES = {
    "W0": "/plain/default/hello",
    "W1": "/bench/default/hello",
    "W2": "/bench/default/page",
    "W3": "/bench/default/counter",
    "W4": "/bench/default/items",
    "W5": "/bench/default/add",
    "W6s": "/bench/static/small.css",
    "W6l": "/bench/static/large.bin",
    "W7": "/many/default/hello",
    "W8": "/bench/default/wait",
    "login": "/bench/default/login",
}


def write_static(folder: Path) -> None:
    """Write the static files: 10 KB and 10 MB."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.css").write_bytes(b"p { margin: 0 } " * 640)
    (folder / "large.bin").write_bytes(bytes(range(256)) * 40 * 1024)


def fill(path: Path, group: str = "groups", item: str = "item") -> None:
    """Put the groups and items into tables that exist already."""
    with sqlite3.connect(path) as db:
        db.executemany(f"INSERT INTO {group} (id, name) VALUES (?, ?)",
                       [(n, f"Group {n}") for n in range(1, GROUPS + 1)])  # fmt: skip
        db.executemany(
            f"INSERT INTO {item} (name, title, amount, group_id) VALUES (?, ?, ?, ?)",
            [(f"Item {n:04}", f"<Title {n}>", n, 1 + n % GROUPS) for n in range(ITEMS)],
        )
