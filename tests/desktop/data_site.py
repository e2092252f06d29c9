"""A site with a shop whose database has things, persons and orders, for tests and pictures."""

from __future__ import annotations

import sqlite3
from pathlib import Path

MODEL = """
db = DAL("sqlite://storage.sqlite")
db.define_table("person", Field("name", requires=IS_NOT_EMPTY()), Field("born", "date"), format="%(name)s")
db.define_table("thing",
    Field("name", length=100, requires=IS_LENGTH(40), unique=True),
    Field("price", "decimal(10,2)", requires=IS_EMPTY_OR(IS_DECIMAL_IN_RANGE(0, 10000))),
    Field("kind", requires=IS_EMPTY_OR(IS_IN_SET(["lamp", "chair", "table"]))),
    Field("owner", "reference person"),
    Field("made", "datetime"),
    Field("sold", "boolean", default=False),
    Field("facts", "json"),
    Field("story", "text"),
    Field("picture", "blob"))
db.define_table("orders", Field("thing", "reference thing"), Field("number", "integer"))
"""
THING = "INSERT INTO thing (id, name, price, kind, owner, made, sold, facts, story) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
KINDS = ("lamp", "chair", "table")
NAMES = (
    "Lamp",
    "Lampshade",
    "Armchair",
    "Kitchen table",
    "Stool",
    "Desk lamp",
    "Reading chair",
    "Coffee table",
)
PEOPLE = ("Ada Lovelace", "Bob Dylan", "Cid Campeador", "Dora Maar", "Edith Piaf")


def make_site(folder: Path, model: str = MODEL, name: str = "shop") -> Path:
    """Makes an application of one model and returns its folder."""
    application = folder / "applications" / name
    for part in ("models", "databases", "uploads", "controllers", "private"):
        (application / part).mkdir(parents=True, exist_ok=True)
    (application / "models" / "db.py").write_text(model, encoding="utf-8")
    return application


def fill(path: Path, things: int = 450) -> None:
    """Makes the tables of `MODEL` and fills them."""
    db = sqlite3.connect(path)
    for sql in (
        "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, name CHAR(512), born DATE)",
        "CREATE TABLE thing (id INTEGER PRIMARY KEY AUTOINCREMENT, name CHAR(100) UNIQUE, price DECIMAL(10,2), "
        "kind CHAR(512), owner INTEGER REFERENCES person(id), made TIMESTAMP, sold CHAR(1), facts TEXT, story TEXT, "
        "picture BLOB)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, thing INTEGER REFERENCES thing(id), number INTEGER)",
        "CREATE INDEX thing_owner ON thing (owner)",
    ):
        db.execute(sql)
    db.executemany(
        "INSERT INTO person (name, born) VALUES (?, ?)",
        [(name, f"19{20 + at}-0{at + 1}-12") for at, name in enumerate(PEOPLE)],
    )
    db.executemany(THING, (thing(at) for at in range(1, things + 1)))
    db.executemany(
        "INSERT INTO orders (thing, number) VALUES (?, ?)", [(at % 20 + 1, at) for at in range(1, 61)]
    )
    db.commit()
    db.close()


def thing(at: int) -> tuple[object, ...]:
    """Row `at` of the table of things."""
    return (
        at, f"{NAMES[at % len(NAMES)]} {at}", f"{at * 37 % 900 + 9}.{at % 100:02}", KINDS[at % 3],
        None if at % 7 == 0 else at % 5 + 1, f"2026-{at % 12 + 1:02}-{at % 28 + 1:02} {at % 24:02}:15:00",
        "T" if at % 4 == 0 else "F", '{"colour": "red", "legs": 4}' if at % 2 else None,
        "A fine piece.\nMade of oak." if at % 3 else "",
    )  # fmt: skip


def shop(folder: Path, things: int = 450) -> Path:
    """Makes a whole shop and returns the path of its database."""
    path = make_site(folder) / "databases" / "storage.sqlite"
    fill(path, things)
    return path


class CacheWorkers:
    """Stands for the workers of a site: what each keeps in memory, by application and process."""

    def __init__(self, site: Path) -> None:
        self.kept: dict[tuple[str, int], dict[str, object]] = {}

    def stores(self, application: str) -> list[dict[str, object]]:
        return [
            {"store": f"worker:{pid}", "title": "ram", "kind": "ram", "pid": pid, "entries": len(values),
             "bytes": 100 * len(values), "hits": 3, "misses": 1, "evictions": 0, "ratio": 75.0}
            for (name, pid), values in self.kept.items() if name == application
        ]  # fmt: skip

    def call(self, store: str, name: str, application: str, **arguments: object) -> object:
        from runtime.admin.cache_values import shown_value

        values = self.kept[application, int(store.removeprefix("worker:"))]
        if name == "cache_rows":
            return {
                "rows": [[key, type(value).__name__, 100, 5.0] for key, value in values.items()],
                "more": False,
            }
        if name == "cache_look":
            return {"fault": "", **shown_value(values[str(arguments["key"])], 65536)}
        keys = arguments["keys"] if arguments["keys"] is not None else list(values)
        return sum(values.pop(key, None) is not None for key in keys)

    def close(self) -> None:
        pass


class CacheServer:
    """Stands for the running server of a site: its commands, carried out in this process."""

    def __init__(self, site: Path) -> None:
        from runtime.admin.cache import cache_commands
        from runtime.admin.sessions import session_commands

        self.site = site
        self.asked: list[str] = []
        self.history: list[dict[str, object]] = []
        self.stopped = False
        self.workers = CacheWorkers(site)
        self._commands = {**cache_commands(site), **session_commands(site)}
        self._commands["cache_history"] = lambda: {"seconds": 15, "samples": self.history}

    def call(self, name: str, **arguments: object) -> object:
        from desktop.panels.cache.reading import NotServing

        if self.stopped:
            raise NotServing("The server is stopped.")
        self.asked.append(name)
        return self._commands[name](**arguments)

    def close(self) -> None:
        pass

    end = close


def fill_caches(
    site: Path, ram: dict[str, object], disk: dict[str, object], application: str = "shop"
) -> None:
    """Puts values into both stores of an application."""
    from runtime.cache import CacheInRam, CacheOnDisk
    from runtime.foundation.storage import Storage

    who = Storage(application=application, folder=str(site / "applications" / application))
    for model, values in ((CacheInRam(who), ram), (CacheOnDisk(who), disk)):
        for key, value in values.items():
            model(key, lambda value=value: value)


def make_sessions(site: Path, application: str = "shop", count: int = 5) -> list[str]:
    """Makes session files as the runtime does; returns their ids."""
    from runtime.sessions.codec import encode, site_key
    from runtime.sessions.stores import FileStore

    store = FileStore(str(site / "applications" / application / "sessions"))
    ids = []
    for at in range(count):
        id = store.new_id(f"192.168.1.{20 + at}")
        data = {"user": f"visitor {at}", "cart": [18402, 18390][: at % 3], "password": "hush"}
        store.write(id, encode(data, site_key(str(site))))
        ids.append(id)
    return ids


def lines_of(tree) -> list[tuple[str, str, str]]:
    """Key, value and type of the lines that the tree of a value shows."""
    out, index = [], tree.model().index(0, 0)
    while index.isValid():
        out.append(tuple(index.siblingAtColumn(at).data() for at in range(3)))
        index = tree.indexBelow(index)
    return out
