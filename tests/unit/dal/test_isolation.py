"""What one request sets no other sees (MDL-08)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from runtime import dal
from runtime.dal import DAL, Field
from runtime.dal import validators as v


def models(folder: str, **user: Any) -> Any:
    db = DAL("sqlite://iso.sqlite", folder=folder)
    db.define_table("owner", Field("name"), format="%(name)s")
    db.define_table(
        "item",
        Field("title", default=user.get("default", "none"), requires=v.IS_NOT_EMPTY()),
        Field("owner_id", "reference owner"),
        Field("n", "integer"),
    )
    return db


def spoil(db: Any, mark: Any) -> None:
    """Everything an application may set on a table or field."""
    t = db.item
    t.title.writable = t.title.readable = False
    t.title.default = t.title.label = t.title.comment = mark
    t.title.requires = [v.IS_LENGTH(7)]
    t.n.requires.other.error_message = mark
    t.n.represent = lambda value, row: mark
    t.owner_id.requires = None
    t._format = mark
    t._common_filter = lambda query: t.n > 3
    t._before_insert.append(lambda row: True)
    t._after_update.append(print)
    t.twice = Field.Virtual("twice", lambda row: 2)
    t._extra_setting = mark
    db.owner._singular = mark
    db.owner._referenced_by.clear()
    db._common_fields.append(Field("tenant"))


def seen(db: Any) -> list[Any]:
    t = db.item
    return [
        t.title.writable,
        t.title.readable,
        t.title.default,
        t.title.label,
        t.title.comment,
        type(t.title.requires).__name__,
        t.n.requires.other.error_message,
        t.n.represent,
        type(getattr(t.owner_id.requires, "other", None)).__name__,
        t._format,
        t._common_filter,
        len(t._before_insert),
        t._after_update,
        t._virtual_fields,
        hasattr(t, "_extra_setting"),
        db.owner._singular,
        [str(f) for f in db.owner._referenced_by],
        db._common_fields,
    ]


CLEAN = [
    True, True, "none", "Title", None, "IS_NOT_EMPTY", v.IS_INT_IN_RANGE().error_message, None, "IS_IN_DB", None, None,
    1, [], [], False, "Owner", ["item.owner_id"], [],
]  # fmt: skip


def test_mdl_08_nothing_set_on_tables_and_fields_is_seen_by_the_next_request(
    folder: str, in_request: Any
) -> None:
    """MDL-08"""
    for number in range(4):
        with in_request():
            db = models(folder)
            assert seen(db) == CLEAN
            spoil(db, f"m{number}")
            assert seen(db) != CLEAN


def test_mdl_08_arguments_are_those_of_the_running_request(folder: str, in_request: Any) -> None:
    """A default or validator that differs by request is never taken from memory."""
    for user in ("ann", "bob", "eve"):
        with in_request():
            db = models(folder, default=user)
            assert db.item.title.default == user
            assert db.item(db.item.insert()).title == user


def in_threads(work: Callable[[int], None], count: int = 8) -> None:
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures[0]


def test_mdl_08_nothing_leaks_between_threads(folder: str, in_request: Any) -> None:
    """Eight threads of 100 requests, each setting all it can."""
    with in_request():
        models(folder).owner.insert(name="first")

    def work(number: int) -> None:
        for turn in range(100):
            mark = f"{number}/{turn}"
            with in_request():
                db = models(folder, default=mark)
                expected = [mark if one == "none" else one for one in CLEAN]
                assert seen(db) == expected
                spoil(db, mark)
                assert db.item.title.label == mark
                assert db(db.owner).select().first().name == "first"

    in_threads(work)


def test_flow_09_threads_commit_and_roll_back_on_their_own(folder: str, in_request: Any) -> None:
    """FLOW-09, FLOW-10: of 8 x 20 inserts exactly those of successful requests are there."""
    with in_request():
        models(folder)

    def work(number: int) -> None:
        for turn in range(20):
            good = turn % 2 == 0
            dal.begin_request()
            db = DAL("sqlite://iso.sqlite", folder=folder, driver_args={"timeout": 60})
            db.define_table("owner", Field("name"), migrate=False)
            db.owner.insert(name=f"{number}-{turn}")
            dal.finish(commit=good)

    in_threads(work)
    with in_request():
        db = models(folder)
        names = {row.name for row in db(db.owner).select()}
    assert names == {f"{n}-{t}" for n in range(8) for t in range(0, 20, 2)}
