"""What a stranger may send to any form: no field, however odd, makes an error of the server or gets in where it may not."""

from __future__ import annotations

import io
import sqlite3

import pytest

from runtime.foundation.current import current
from runtime.web.client import TestClient

MODEL = """
from gluon.tools import Auth, Crud
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)
auth.settings.bulk_register_enabled = True
auth.settings.registration_requires_verification = False
auth.define_tables(username=True, signature=True)
auth.settings.mailer.settings.server = 'logging:mails.txt'
auth.settings.mailer.settings.sender = 'a@example.com'
crud = Crud(globals(), db)
db.define_table('owner', Field('name', requires=IS_NOT_EMPTY()), format='%(name)s')
db.define_table('thing',
    Field('name', requires=IS_NOT_EMPTY()), Field('note', 'text'), Field('count', 'integer'),
    Field('big', 'bigint'), Field('price', 'double'), Field('cost', 'decimal(8,2)'), Field('day', 'date'),
    Field('at', 'datetime'), Field('hour', 'time'), Field('good', 'boolean'), Field('words', 'list:string'),
    Field('numbers', 'list:integer'), Field('owner', 'reference owner'),
    Field('owners', 'list:reference owner'), Field('photo', 'upload'), Field('data', 'blob'),
    Field('more', 'json'), Field('word', 'password', requires=CRYPT()), Field('kind', requires=IS_IN_SET(['a', 'b'])),
    Field('code', unique=True), Field('secret', default='mine', readable=False, writable=False),
    Field('shout', compute=lambda row: (row.name or '').upper()))
if db(db.owner).isempty():
    db.owner.insert(name='Ann')
    db.thing.insert(name='first', code='1')
    db.commit()
"""
CONTROLLER = """
def user(): return str(auth())
def form(): return str(SQLFORM(db.thing, request.args(0), deletable=True).process())
def factory(): return str(SQLFORM.factory(Field('name'), Field('count', 'integer'), Field('photo', 'upload')).process())
def plain():
    form = FORM(INPUT(_name='a', requires=IS_INT_IN_RANGE(1, 9)), TEXTAREA(_name='b'), SELECT('x', 'y', _name='c', requires=IS_IN_SET(['x', 'y'])),
        INPUT(_type='checkbox', _name='d'), INPUT(_type='file', _name='e'), INPUT(_type='submit'))
    form.process()
    return str(form)
def data(): return str(crud())
def grid(): return str(SQLFORM.grid(db.thing, user_signature=False, selectable=lambda ids: None))
def smart(): return str(SQLFORM.smartgrid(db.owner, user_signature=False))
def wiki(): return auth.wiki(manage_permissions=True)['content'].xml()
def enter():
    user = auth.get_or_create_user(dict(username='ed', email='ed@example.com', first_name='Ed', registration_key=''))
    auth.add_membership(auth.add_group('wiki_editor'), user.id)
    return 'in'
def download(): return response.download(request, db)
"""
FIELDS = (
    "name", "note", "count", "big", "price", "cost", "day", "at", "hour", "good", "words", "numbers", "owner",
    "owners", "photo", "data", "more", "word", "kind", "code", "id", "delete_this_record", "_record_shown",
    "_shown", "secret", "shout", "photo__delete",
)  # fmt: skip
ACCOUNT = (
    "username", "email", "password", "password_two", "first_name", "last_name", "remember_me", "_next",
    "old_password", "new_password", "new_password2", "registration_key", "id", "user_id", "emails", "subject",
    "message", "reset_password_key", "key",
)  # fmt: skip
ODD = {
    "empty": "",
    "twice": ["x", "y"],
    "zero byte": "a\0b",
    "quotes": "'\";--<script>window.hacked=1</script>{{=1/0}}%s%(x)s@{a}",
    "huge number": "9" * 400,
    "more digits than Python reads": "9" * 5000,
    "negative": "-9223372036854775809",
    "infinite": "1e999",
    "no number": "nan",
    "no date": "2020-13-45 99:99:99",
    "year 0": "0000-00-00",
    "long": "x" * 70_000,
    "surrogate": b"\xed\xa0\x80",
    "bytes": b"\xff\xfe\x00",
    "other digits": "\u0663\u0664",
    "digits that are no numbers": "\u00b2\u00b3",
    "upside down": "\u202eevil\u2028\u2029\ufeff",
    "deep": "[" * 2000,
    "path": "../../../../etc/passwd",
    "field": "password",
}


@pytest.fixture
def client(site, monkeypatch):
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    site.model(MODEL)
    site.controller(CONTROLLER)
    return site.client()


def variants(name):
    """Odd values of one field: texts, and a file where none belongs."""
    yield from ODD.items()
    yield "file", (io.BytesIO(b"<?xml"), "../../x.py")


def attack(client, path, names, site, fixed=None):
    """Send each odd value in each field to the form of a page; returns those that made an error of the server."""
    failed = []
    for kind in dict(variants("")):
        page = client.get(path)
        sent = page.hidden() if page.status_code == 200 else {}
        value = dict(variants(""))[kind]
        before = len(site.tickets())
        fields = dict.fromkeys(names, value) | (fixed or {})
        if kind == "file":
            fields = {name: (io.BytesIO(b"<?xml"), "../../x.py") for name in names}
        answer = client.post(path, data={**sent, **fields})
        if answer.status_code >= 500 or len(site.tickets()) > before:
            failed.append((path, kind, answer.status_code))
    return failed


@pytest.mark.parametrize(
    "path",
    ["form", "form/1", "factory", "plain", "data/create/thing", "data/update/thing/1", "grid/new/thing",
     "grid/edit/thing/1", "grid/delete/thing/1", "grid", "smart/owner/new/owner", "data/search/thing"],
)  # fmt: skip
def test_odd_values_in_forms_of_records(client, site, path):
    """SEC-03, FUN-03: an odd value is an error of its field."""
    names = (*FIELDS, "a", "b", "c", "d", "e", "records", "submit_0")
    assert attack(client, f"/myapp/default/{path}", names, site) == []
    fine = {"name": "fine", "kind": "a", "word": "p", "count": "1"}
    for part in range(3) if path in ("form", "form/1") else ():  # odd ones beside others that are right
        odd = FIELDS[part::3]
        assert attack(client, f"/myapp/default/{path}", odd, site, fine) == []
    with sqlite3.connect(site.app / "databases/storage.sqlite") as base:
        assert {row[0] for row in base.execute("select secret from thing")} <= {"mine"}
        assert base.execute("select count(*) from thing where id = 1").fetchone()[0] <= 1
    uploads = site.app / "uploads"
    assert not list(site.app.rglob("x.py"))
    assert all(path.parent == uploads for path in uploads.rglob("*")) if uploads.exists() else True


@pytest.mark.parametrize("logged_in", [False, True])
@pytest.mark.parametrize(
    "page",
    ["login", "register", "request_reset_password", "reset_password", "retrieve_username", "verify_email", "profile",
     "change_password", "bulk_register", "confirm_registration", "impersonate", "groups", "logout", "manage_tokens",
     "not_there", "jwt"],
)  # fmt: skip
def test_odd_values_in_the_pages_of_users(client, site, page, logged_in):
    """SEC: strangers and users get pages, messages or refusals, never an error."""
    if logged_in:
        client.get("/myapp/default/enter")
    assert attack(client, f"/myapp/default/user/{page}", ACCOUNT, site) == []
    for kind, value in ODD.items():
        text = value[0] if isinstance(value, list) else value
        answer = client.get(
            f"/myapp/default/user/{page}", query_string=dict.fromkeys(("_next", "key", "email"), text)
        )
        assert answer.status_code < 500, (page, kind)
        assert "evil" not in (answer.headers.get("Location") or "")
    assert site.tickets() == []


@pytest.mark.parametrize(
    "path",
    [
        "grid",
        "smart",
        "grid/view/thing/1",
        "wiki",
        "wiki/_search",
        "wiki/_edit/a",
        "wiki/_create",
        "wiki/_preview",
        "data/select/thing",
    ],
)
def test_odd_queries(client, site, path):
    """SEC-01: addresses of lists with odd orders, pages, searches."""
    client.get("/myapp/default/enter")
    names = (
        "keywords",
        "order",
        "page",
        "_export_type",
        "records",
        "_signature",
        "q",
        "slug",
        "orderby",
        "_shown",
        "id",
    )
    for kind, value in ODD.items():
        if isinstance(value, str) and len(value) > 5000:
            value = value[:5000]
        for chosen in (*[(name,) for name in names[:4]], names):
            answer = client.get(f"/myapp/default/{path}", query_string=dict.fromkeys(chosen, value))
            assert answer.status_code < 500, (path, kind, chosen)
    assert site.tickets() == []


@pytest.mark.parametrize(
    "path",
    ["index", "site", "act", "pack", "errors/shop", "ticket/shop/x", "delete_errors", "find", "routes"],
)
def test_odd_values_in_the_administration(administered, tmp_path, path):
    """ADMIN-08: the same for the administrator's own pages."""
    client = TestClient(administered())
    client.post("/admin/default/index", data={"password": "secret"})
    names = (
        "name",
        "action",
        "data",
        "pack",
        "send",
        "token",
        "number",
        "address",
        "group",
        "app",
        "text",
        "stamp",
    )
    errors = tmp_path / "applications/admin/errors"
    for kind, value in ODD.items():
        hidden = client.get("/admin/default/site").hidden("main form")
        for token in ({}, {"token": hidden.get("token", "")}):
            answer = client.post(f"/admin/default/{path}", data=dict.fromkeys(names, value) | token)
            assert answer.status_code < 500, (path, kind, token)
            text = value[0] if isinstance(value, list) else value
            answer = client.get(f"/admin/default/{path}", query_string=dict.fromkeys(names, text[:5000]))
            assert answer.status_code < 500, (path, kind)
    assert not errors.exists() or not [one for one in errors.iterdir() if not one.name.startswith(".")]
    assert sorted(one.name for one in (tmp_path / "applications").iterdir() if one.is_dir()) == [
        "admin",
        "shop",
    ]
    current._begin()
