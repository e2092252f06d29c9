"""The same application with Flask, Jinja2 and SQLAlchemy; its session is a signed cookie, as by default."""

from __future__ import annotations

import gettext
import time
import uuid
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, render_template, request, send_from_directory, session
from sqlalchemy import orm

from peers import workload
from peers.catalog import write_catalog

LAYOUT = """<!DOCTYPE html>
<html><head><title>{{ title }}</title></head>
<body><header><a href="{{ url_for('hello') }}">{{ _('Products') }}</a></header>
<main>{% block main %}{% endblock %}</main><footer>{{ request.endpoint }}</footer></body></html>
"""

PAGE = """{% extends 'layout.html' %}{% block main %}
<h1>{{ _('Products') }}</h1><p>{{ _("Hello %s") % user }}</p>
<table><tr><th></th><th>{{ _('Name') }}</th><th>{{ _('Price') }}</th></tr>
{% for number, name, price in rows %}<tr><td>{{ number }}</td><td>{{ name }}</td><td>{{ price }}</td></tr>
{% endfor %}</table><p>{{ _('Last update today') }}</p>{% endblock %}
"""

ITEMS = """{% extends 'layout.html' %}{% block main %}<table>
{% for item in rows %}<tr><td>{{ item.id }}</td><td>{{ item.name }}</td><td>{{ item.title }}</td>\
<td>{{ item.amount }}</td><td>{{ item.group.name }}</td></tr>
{% endfor %}</table>{% endblock %}
"""

ADD = """{% extends 'layout.html' %}{% block main %}
<form method="post">{% for name, text in errors.items() %}<p>{{ name }}: {{ text }}</p>{% endfor %}
<input name="title"><input name="amount"><textarea name="body"></textarea>
<input type="hidden" name="form_key" value="{{ key }}"><button>OK</button></form>{% endblock %}
"""


class Base(orm.DeclarativeBase):
    """The classes of all tables."""


def _columns(names: tuple[tuple[str, ...], tuple[str, ...]]) -> dict[str, Any]:
    columns: dict[str, Any] = {"id": sa.Column(sa.Integer, primary_key=True)}
    columns.update((name, sa.Column(sa.String(100))) for name in names[0])
    columns.update((name, sa.Column(sa.Integer, default=0)) for name in names[1])
    return columns


class Group(Base):
    __tablename__ = "groups"
    locals().update(_columns(workload.COLUMNS["groups"]))


class Item(Base):
    __tablename__ = "item"
    locals().update(_columns(workload.COLUMNS["item"]))
    group_id = sa.Column(sa.ForeignKey("groups.id"))
    group = orm.relationship(Group)


class Person(Base):
    __tablename__ = "person"
    locals().update(_columns(workload.COLUMNS["person"]))
    group_id = sa.Column(sa.ForeignKey("groups.id"))


class Note(Base):
    __tablename__ = "note"
    id = sa.Column(sa.Integer, primary_key=True)
    title = sa.Column(sa.String(100))
    amount = sa.Column(sa.Integer)
    body = sa.Column(sa.Text)


MANY = []
for _number in range(workload.TABLES):
    _values = _columns(workload.MANY_COLUMNS) | {"__tablename__": f"t{_number}"}
    if _number:
        _values["parent_id"] = sa.Column(sa.ForeignKey(f"t{_number - 1}.id"))
    MANY.append(type(f"T{_number}", (Base,), _values))


def make(folder: Path) -> Flask:
    """Return the application; its database and files go to `folder`."""
    workload.write_static(folder / "static")
    catalog = gettext.GNUTranslations(write_catalog(folder, "bench").open("rb"))
    engine = sa.create_engine(f"sqlite:///{folder / 'storage.sqlite'}")
    Base.metadata.create_all(engine)
    workload.fill(folder / "storage.sqlite")
    db = orm.scoped_session(orm.sessionmaker(engine))
    app = Flask("bench", static_folder=None)
    app.secret_key = "benchmark"
    app.jinja_options = {"extensions": ["jinja2.ext.i18n"]}
    templates = {"layout.html": LAYOUT, "page.html": PAGE, "items.html": ITEMS, "add.html": ADD}
    from jinja2 import DictLoader

    app.jinja_loader = DictLoader(templates)  # type: ignore[misc]  # Flask allows it on the object
    app.jinja_env.install_gettext_translations(catalog, newstyle=False)  # type: ignore[attr-defined]
    app.teardown_appcontext(lambda error: db.remove())
    _add_simple(app)
    _add_database(app, db)
    _add_files(app, folder)
    return app


def _add_simple(app: Flask) -> None:
    @app.get("/plain/default/hello", endpoint="plain")
    @app.get("/bench/default/hello", endpoint="hello")
    def hello() -> str:
        return "Hello"

    @app.get("/bench/default/login")
    def login() -> str:
        session["user"] = "ann"
        return "welcome"

    @app.get("/bench/default/page")
    def page() -> str:
        return render_template("page.html", rows=workload.PAGE_ROWS, user=session.get("user"), title="bench")

    @app.get("/bench/default/counter")
    def counter() -> str:
        session["counter"] = session.get("counter", 0) + 1
        return str(session["counter"])

    @app.get("/bench/default/wait")
    def wait() -> str:
        time.sleep(workload.WAIT)
        return str(session.get("user", "nobody"))


def _add_database(app: Flask, db: Any) -> None:
    @app.get("/bench/default/items")
    def items() -> str:
        query = (
            sa.select(Item)
            .join(Item.group)
            .options(orm.contains_eager(Item.group))
            .order_by(Item.name)  # type: ignore[attr-defined]
            .limit(workload.SHOWN)
        )
        return render_template("items.html", rows=db.scalars(query).all(), title="bench")

    @app.route("/bench/default/add", methods=["GET", "POST"])
    def add() -> Any:
        keys = session.get("form_keys", [])
        errors: dict[str, str] = {}
        if request.method == "POST" and request.form.get("form_key") in keys:
            errors = _problems(request.form)
            if not errors:
                form = request.form
                db.add(Note(title=form["title"], amount=int(form["amount"]), body=form["body"]))
                db.commit()
                session["form_keys"] = [key for key in keys if key != form["form_key"]]
                return redirect("/bench/default/hello", 303)
        key = uuid.uuid4().hex
        session["form_keys"] = [*keys, key][-10:]
        return render_template("add.html", key=key, errors=errors, title="bench")

    @app.get("/many/default/hello", endpoint="many")
    def many() -> str:
        db.scalars(sa.select(MANY[1]).limit(1)).all()
        return "Hello"


def _problems(form: Any) -> dict[str, str]:
    errors = {}
    if not form.get("title", "").strip():
        errors["title"] = "enter a value"
    try:
        if not 0 <= int(form.get("amount", "")) < 1000:
            raise ValueError
    except ValueError:
        errors["amount"] = "enter a number from 0 to 999"
    return errors


def _add_files(app: Flask, folder: Path) -> None:
    @app.get("/bench/static/<path:name>")
    def static_file(name: str) -> Any:
        return send_from_directory(folder / "static", name)
