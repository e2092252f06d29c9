"""The same applications with py4web, on waitress; its session is a signed cookie, as by default."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from peers import workload

HELLO = """
from py4web import action

@action('default/hello')
def hello():
    return 'Hello'
"""

BENCH = """
import os, time
from py4web import DAL, HTTP, Field, Session, Translator, action, redirect, request
from py4web.utils.form import Form
from pydal.validators import IS_INT_IN_RANGE, IS_NOT_EMPTY

FOLDER = os.path.dirname(__file__)
db = DAL('sqlite://storage.sqlite', folder=os.path.join(FOLDER, 'databases'), pool_size=1)
COLUMNS = {columns!r}

def fields(table):
    texts, numbers = COLUMNS[table]
    return [Field(name, length=100) for name in texts] + [Field(name, 'integer', default=0) for name in numbers]

db.define_table('groups', *fields('groups'), format='%(name)s')
db.define_table('item', *fields('item'), Field('group_id', 'reference groups'))
db.define_table('person', *fields('person'), Field('group_id', 'reference groups'))
db.define_table('note', Field('title', length=100, requires=IS_NOT_EMPTY()),
    Field('amount', 'integer', requires=IS_INT_IN_RANGE(0, 1000)), Field('body', 'text'))
db.commit()
session = Session(secret={secret!r})
T = Translator(os.path.join(FOLDER, 'translations'))
ROWS = {rows!r}

@action('default/hello')
def hello():
    return 'Hello'

@action('default/login')
@action.uses(session)
def login():
    session['user'] = 'ann'
    return 'welcome'

@action('default/page')
@action.uses('page.html', session, T)
def page():
    return dict(rows=ROWS, user=session.get('user'), T=T, title='bench')

@action('default/counter')
@action.uses(session)
def counter():
    session['counter'] = session.get('counter', 0) + 1
    return str(session['counter'])

@action('default/items')
@action.uses('items.html', db, T)
def items():
    rows = db(db.item.group_id == db.groups.id).select(
        db.item.ALL, db.groups.ALL, orderby=db.item.name, limitby=(0, {shown}))
    return dict(rows=rows, T=T, title='bench')

@action('default/add', method=['GET', 'POST'])
@action.uses('add.html', db, session, T)
def add():
    form = Form(db.note, csrf_session=session)
    if form.accepted:
        redirect('/bench/default/hello')
    return dict(form=form, T=T, title='bench')

@action('default/wait')
@action.uses(session)
def wait():
    time.sleep({wait})
    return session.get('user', 'nobody')
"""

MANY = """
import os
from py4web import DAL, Field, action

db = DAL('sqlite://storage.sqlite', folder=os.path.join(os.path.dirname(__file__), 'databases'), pool_size=1)
for number in range({tables}):
    fields = [Field(name, length=100) for name in {texts!r}] + [
        Field(name, 'integer', default=0) for name in {numbers!r}]
    if number:
        fields.append(Field('parent_id', 'reference t%d' % (number - 1)))
    db.define_table('t%d' % number, *fields)
db.commit()

@action('default/hello')
@action.uses(db)
def hello():
    return 'Hello' if db(db.t1).select(limitby=(0, 1)) is not None else ''
"""

LAYOUT = """<!DOCTYPE html>
<html><head><title>[[=title]]</title></head>
<body><header><a href="[[=URL('default', 'hello')]]">[[=T('Products')]]</a></header>
<main>
[[include]]
</main><footer>[[=request.path]]</footer></body></html>
"""

PAGE = """[[extend 'layout.html']]
<h1>[[=T('Products')]]</h1><p>[[=T('Hello %s') % user]]</p>
<table><tr><th></th><th>[[=T('Name')]]</th><th>[[=T('Price')]]</th></tr>
[[for number, name, price in rows:]]<tr><td>[[=number]]</td><td>[[=name]]</td><td>[[=price]]</td></tr>
[[pass]]</table><p>[[=T('Last update today')]]</p>
"""

ITEMS = """[[extend 'layout.html']]
<table>
[[for row in rows:]]<tr><td>[[=row.item.id]]</td><td>[[=row.item.name]]</td><td>[[=row.item.title]]</td>\
<td>[[=row.item.amount]]</td><td>[[=row.groups.name]]</td></tr>
[[pass]]</table>
"""

ADD = """[[extend 'layout.html']]
[[=form]]
"""


def make(folder: Path) -> Any:
    """Return the application; its `apps` folder goes to `folder`."""
    apps = folder / "apps"
    values = {
        "columns": workload.COLUMNS,
        "texts": workload.MANY_COLUMNS[0],
        "numbers": workload.MANY_COLUMNS[1],
        "rows": workload.PAGE_ROWS,
        "shown": workload.SHOWN,
        "wait": workload.WAIT,
        "tables": workload.TABLES,
        "secret": secrets.token_urlsafe(32),
    }
    bench = apps / "bench"
    for name, text in (("plain", HELLO), ("bench", BENCH), ("many", MANY)):
        (apps / name / "databases").mkdir(parents=True)
        (apps / name / "__init__.py").write_text(text.format(**values) if name != "plain" else text)
    (apps / "__init__.py").touch()
    workload.write_static(bench / "static")
    (bench / "templates").mkdir()
    for name, text in (("layout", LAYOUT), ("page", PAGE), ("items", ITEMS), ("add", ADD)):
        (bench / "templates" / f"{name}.html").write_text(text)
    (bench / "translations").mkdir()
    words = {text: {"0": german} for text, german in workload.WORDS.items()}
    (bench / "translations" / "de.json").write_text(json.dumps(words))
    from py4web.core import wsgi

    application = wsgi(
        apps_folder=str(apps), yes=True, debug=False, errorlog=":stderr", dashboard_mode="none",
        password_file=str(folder / "password"), watch="off", mode="default", logging_level=40,
        app_names="plain,bench,many", url_prefix="", server="default", host="127.0.0.1",
    )  # fmt: skip
    workload.fill(bench / "databases" / "storage.sqlite")
    return application
