"""A value is taken while a form is under way: every kind of form says so at the field, none writes a ticket."""

from __future__ import annotations

import sqlite3

import pytest

MODEL = """
from gluon.tools import Auth, Crud
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)

def grab(form):
    import sqlite3
    with sqlite3.connect(request.folder + 'databases/storage.sqlite') as other:
        if form.vars.email:
            other.execute("insert into auth_user (first_name, email, registration_key) values ('Eve', ?, '')",
                          (form.vars.email,))
        else:
            other.execute('insert into thing (name) values (?)', (form.vars.name,))
    other.close()

auth.settings.register_onvalidation.append(grab)
auth.define_tables()
db.define_table('thing', Field('name', unique=True))
crud = Crud(globals(), db)
"""
CONTROLLER = """
def user(): return str(auth())
def sqlform(): return str(SQLFORM(db.thing).process(onvalidation=grab))
def made(): return str(crud.create(db.thing, onvalidation=grab))
def grid(): return str(SQLFORM.grid(db.thing, user_signature=False, onvalidation=grab))
def smart(): return str(SQLFORM.smartgrid(db.thing, user_signature=False, onvalidation=grab))
"""


@pytest.mark.parametrize("path", ["sqlform", "made", "grid/new/thing", "smart/thing/new/thing"])
def test_forms_of_all_kinds(site, path):
    """SEC-03: the form comes back with the error and with what was typed."""
    site.model(MODEL)
    site.controller(CONTROLLER)
    client = site.client()
    page = client.get(f"/myapp/default/{path}")
    page = client.post(f"/myapp/default/{path}", data=page.hidden() | {"name": "wanted"})
    assert page.status_code in (200, 422), page.text
    assert page.element(".error").flatten() == "Value already in database or empty"
    assert page.element("input[name=name]")["_value"] == "wanted"
    assert not site.tickets()
    with sqlite3.connect(site.app / "databases/storage.sqlite") as base:
        assert base.execute("select name from thing").fetchall() == [("wanted",)]


def test_registration(site):
    """AUTH: two accounts of one address are not made, though no column forbids them."""
    site.model(MODEL)
    site.controller(CONTROLLER)
    client = site.client()
    fields = {"first_name": "Ada", "last_name": "L", "email": "ada@example.com"}
    fields |= {"password": "secret-1", "password_two": "secret-1"}
    page = client.get("/myapp/default/user/register")
    page = client.post("/myapp/default/user/register", data=page.hidden() | fields)
    assert page.status_code in (200, 422), page.text
    assert "already have an account" in page.text or "already" in page.element(".error").flatten()
    assert not site.tickets()
    with sqlite3.connect(site.app / "databases/storage.sqlite") as base:
        assert base.execute("select first_name, email from auth_user").fetchall() == [
            ("Eve", "ada@example.com")
        ]
        assert base.execute("select count(*) from auth_group").fetchall() == [(0,)]
