"""The site folder with our three applications: `plain`, `bench` and `many`."""

from __future__ import annotations

from pathlib import Path
from pprint import pformat

from peers import workload


def fields(columns: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    """Return the source text of fields with these names: texts and numbers."""
    texts, numbers = columns
    return ", ".join(
        [f"Field({name!r}, length=100, label=T({name.title()!r}))" for name in texts]
        + [f"Field({name!r}, 'integer', default=0)" for name in numbers]
    )


GROUPS, ITEM, PERSON = (fields(workload.COLUMNS[name]) for name in ("groups", "item", "person"))

BENCH_MODELS = {
    "db.py": "db = DAL('sqlite://storage.sqlite')\n",
    "groups.py": f"db.define_table('groups', {GROUPS}, format='%(name)s')\n",
    "item.py": f"db.define_table('item', {ITEM}, Field('group_id', 'reference groups'))\n",
    "note.py": (
        "db.define_table('note', Field('title', length=100, requires=IS_NOT_EMPTY()),\n"
        "    Field('amount', 'integer', requires=IS_INT_IN_RANGE(0, 1000)), Field('body', 'text'))\n"
    ),
    "person.py": f"db.define_table('person', {PERSON}, Field('group_id', 'reference groups'))\n",
}

BENCH_CONTROLLER = f"""
import time

ROWS = {workload.PAGE_ROWS!r}


def hello():
    return 'Hello'


def login():
    session.user = 'ann'
    return 'welcome'


def page():
    return dict(rows=ROWS, user=session.user)


def counter():
    session.counter = (session.counter or 0) + 1
    return str(session.counter)


def items():
    rows = db(db.item.group_id == db.groups.id).select(
        db.item.ALL, db.groups.ALL, orderby=db.item.name, limitby=(0, {workload.SHOWN}))
    return dict(rows=rows)


def add():
    form = SQLFORM(db.note).process(next=URL('hello'))
    return dict(form=form)


def wait():
    time.sleep({workload.WAIT})
    return session.user or 'nobody'
"""

LAYOUT = """<!DOCTYPE html>
<html><head><title>{{=response.title or request.application}}</title></head>
<body><header><a href="{{=URL('default', 'hello')}}">{{=T('Products')}}</a></header>
<main>
{{include}}
</main><footer>{{=request.function}}</footer></body></html>
"""

PAGE = """{{extend 'layout.html'}}
<h1>{{=T('Products')}}</h1><p>{{=T('Hello %s', user)}}</p>
<table><tr><th></th><th>{{=T('Name')}}</th><th>{{=T('Price')}}</th></tr>
{{for number, name, price in rows:}}<tr><td>{{=number}}</td><td>{{=name}}</td><td>{{=price}}</td></tr>
{{pass}}</table><p>{{=T('Last update today')}}</p>
"""

ITEMS = """{{extend 'layout.html'}}
<table>
{{for row in rows:}}<tr><td>{{=row.item.id}}</td><td>{{=row.item.name}}</td><td>{{=row.item.title}}</td>\
<td>{{=row.item.amount}}</td><td>{{=row.groups.name}}</td></tr>
{{pass}}</table>
"""

ADD = """{{extend 'layout.html'}}
{{=form}}
"""

MANY_CONTROLLER = """
def hello():
    return 'Hello' if db(db.t1).select(limitby=(0, 1)) is not None else ''
"""


def write(root: Path) -> None:
    """Write the site below `root`; the rows come with the first request of each application."""
    plain, bench, many = (root / "applications" / name for name in ("plain", "bench", "many"))
    _write(plain / "controllers/default.py", "def hello():\n    return 'Hello'\n")
    for name, text in BENCH_MODELS.items():
        _write(bench / "models" / name, text)
    _write(bench / "controllers/default.py", BENCH_CONTROLLER)
    for name, text in (
        ("layout", LAYOUT),
        ("default/page", PAGE),
        ("default/items", ITEMS),
        ("default/add", ADD),
    ):
        _write(bench / "views" / f"{name}.html", text)
    _write(bench / "languages/de.py", pformat(workload.WORDS) + "\n")
    workload.write_static(bench / "static")
    _write(many / "models/db.py", "db = DAL('sqlite://storage.sqlite')\n")
    columns = fields(workload.MANY_COLUMNS)
    for number in range(workload.TABLES):
        reference = f", Field('parent_id', 'reference t{number - 1}')" if number else ""
        _write(many / f"models/t{number:02}.py", f"db.define_table('t{number}', {columns}{reference})\n")
    _write(many / "controllers/default.py", MANY_CONTROLLER)


def database(root: Path) -> Path:
    """The database of the list, which exists after the first request."""
    return root / "applications/bench/databases/storage.sqlite"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
