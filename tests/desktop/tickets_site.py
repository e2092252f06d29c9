"""A site folder with errors as a working day leaves them, for pictures and tests."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

from runtime.errors import Frame, Ticket
from runtime.errors.ticket import fingerprint

SHOP = '''\
"""Pages of the shop."""


PAGE = 20
CURRENCY = "EUR"


def search():
    """What matches the words of the visitor."""
    return dict(rows=db(db.thing.name.contains(request.vars.q)).select())


def index():
    """What is in stock, newest first."""
    rows = db(db.thing.stock > 0).select(orderby=~db.thing.created, limitby=(0, PAGE))
    return dict(rows=rows, share=100 / len(rows))


def cart():
    """What the visitor has chosen."""
    return dict(things=session.cart or [])
'''

DAY = 86_400


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def ticket(
    site: Path,
    application: str,
    exception: str,
    message: str,
    file: str,
    line: int,
    when: float,
    *,
    function: str = "index",
    number: int = 0,
    variables: dict[str, str] | None = None,
    request: dict[str, object] | None = None,
    source: list[tuple[int, str]] | None = None,
) -> Ticket:
    """Write one ticket and return it."""
    folder = site / "applications" / application
    path = folder / file
    if source is None:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        first = max(1, line - 3)
        source = [(at, lines[at - 1]) for at in range(first, min(len(lines), line + 3) + 1)]
    frames = [
        Frame("/opt/hadron/runtime/web/actions.py", 88, "run_action", False, [(88, "page = action()")]),
        Frame("/opt/hadron/runtime/web/code.py", 140, "run", False, [(140, "exec(code, environment)")]),
        Frame(str(path), line, function, True, source, variables or {}),
        Frame("/usr/lib/python3/site-packages/pydal/objects.py", 4, "select", False, [(4, "return rows")]),
    ]
    stamp = time.strftime("%Y-%m-%d.%H-%M-%S", time.localtime(when))
    ticket_id = f"127.0.0.1.{stamp}.7c2e41d0-9f1b-4c0e-8a35-{number:012x}"
    made = Ticket(
        id=ticket_id,
        application=application,
        time=time.strftime("%Y-%m-%dT%H:%M:%S.000", time.localtime(when)),
        layer=str(path),
        line=line,
        function=function,
        exception=exception,
        message=message,
        traceback=f'Traceback (most recent call last):\n  File "{path}", line {line}, in {function}\n{exception}: {message}',
        frames=frames,
        request=request
        or {
            "address": f"/{application}/default/{function}?page=2&token=[hidden]",
            "headers": {"Host": "'127.0.0.1:8000'", "Cookie": "[hidden]"},
            "method": "'GET'",
            "client": "'127.0.0.1'",
        },
        session={"cart": "[18390, 18402]", "auth": "[hidden]"},
        response={"status": "200", "flash": "''"},
        statements=[("SELECT thing.id, thing.name FROM thing WHERE (thing.stock > 0)", 2.4)],
        log=["2026-11-20 11:19:01 web2py.app.shop info 0 things in stock"],
        versions={"python": "3.13.1", "system": "Linux-6.8-x86_64", "hadron": "0.1.0"},
        group=fingerprint(exception, frames),
    )
    errors = folder / "errors"
    errors.mkdir(parents=True, exist_ok=True)
    (errors / f"{ticket_id}.json").write_text(json.dumps(made.to_json(), indent=1), encoding="ascii")
    return made


def _repeats(site: Path, application: str, group: str, now: float, days: list[int]) -> None:
    counted = {
        time.strftime("%Y-%m-%d", time.localtime(now - DAY * (len(days) - 1 - at))): count
        for at, count in enumerate(days)
        if count
    }
    path = site / "applications" / application / "errors" / f"{group}.repeats"
    path.write_text(json.dumps({"count": sum(days), "last": 0, "days": counted}), encoding="ascii")


def fill(site: Path, now: float) -> None:
    """Errors of four applications."""
    write(site / "applications/shop/controllers/default.py", SHOP)
    for name in ("lab", "library"):
        write(site / f"applications/{name}/controllers/default.py", "def index():\n    return 'fine'\n")
    variables = {"rows": "<Rows (0)>", "db": "<DAL sqlite, 14 tables>", "api_key": "[hidden]"}
    for at in range(4):
        when = now - 120 - at * 3_000
        made = ticket(
            site, "shop", "ZeroDivisionError", "division by zero", "controllers/default.py", 16, when,
            number=at, variables=variables,
        )  # fmt: skip
    _repeats(site, "shop", made.group, now, [1, 0, 1, 0, 2, 0, 1, 3, 2, 3, 5, 4, 7, 8])
    for at in range(3):
        ticket(
            site, "shop", "KeyError", "'price'", "models/db.py", 88, now - 3_700 - at * DAY, number=20 + at
        )
    made = ticket(
        site, "lab", "OperationalError", "database is locked: waited 5.0 s for a write in table measurement",
        "models/store.py", 31, now - 3 * 3_600, number=30,
    )  # fmt: skip
    _repeats(site, "lab", made.group, now, [5, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])
    states = {made.group: {"state": "solved", "at": now - 5 * DAY, "count": 3, "seen": True}}
    made = ticket(
        site, "library", "TypeError", "unsupported operand type(s) for +: 'NoneType' and 'datetime.timedelta'",
        "controllers/loan.py", 140, now - DAY, number=40,
    )  # fmt: skip
    _repeats(site, "library", made.group, now, [0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0])
    seen = {made.group: {"seen": True}}
    (site / "applications/library/errors/.states.json").write_text(json.dumps(seen))
    made = ticket(
        site,
        "shop",
        "HTTPError",
        "502 Bad Gateway from rates service",
        "modules/rates.py",
        57,
        now - DAY - 900,
        number=50,
    )
    _repeats(site, "shop", made.group, now, [8, 10, 9, 8, 11, 10, 9, 10, 11, 10, 9, 8, 9, 2])
    seen = {made.group: {"seen": True}}
    solved = ticket(
        site,
        "shop",
        "AttributeError",
        "'NoneType' object has no attribute 'id'",
        "models/menu.py",
        9,
        now - 4 * DAY,
        number=60,
    )
    seen[solved.group] = {"state": "solved", "at": now, "count": 1, "seen": True}
    (site / "applications/shop/errors/.states.json").write_text(json.dumps(seen))
    made = ticket(
        site, "lab", "UnicodeDecodeError", "'utf-8' codec can't decode byte 0xe8 in position 114: invalid continuation byte",
        "controllers/load.py", 22, now - 8 * DAY, number=70,
    )  # fmt: skip
    states[made.group] = {"seen": True}
    (site / "applications/lab/errors/.states.json").write_text(json.dumps(states))
    for at in range(2):
        stamp = f"10.0.0.{at}.2021-03-04.10-11-12.0d2b2e2c-6d1e-4f0e-8d2b-0c1d2e3f4a5{at}"
        (site / "applications/lab/errors" / stamp).write_bytes(b"\x80\x04\x95\x00broken")
