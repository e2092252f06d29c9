"""Scripts in every value, label, head and address: no page runs them (SEC-01, ERR-03)."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

EVIL = """\\"'><img src=x onerror="window.hacked=1"><script>window.hacked=1</script><svg onload="window.hacked=1">{{=1/0}}"""
MODEL = f"""
EVIL = '''{EVIL}'''
LINK = 'javascript:window.hacked=1'
from gluon.tools import Auth, Crud
db = DAL('sqlite://storage.sqlite')
auth = Auth(db)
auth.settings.mailer.settings.server = 'logging:mails.txt'
auth.settings.mailer.settings.sender = 'a@example.com'
auth.define_tables()
crud = Crud(globals(), db)
db.define_table('owner', Field('name', label=EVIL, comment=EVIL), format='%(name)s')
db.define_table('thing', Field('name', label=EVIL, comment=EVIL, requires=IS_NOT_EMPTY(error_message=EVIL)),
    Field('note', 'text', label=EVIL, default=EVIL), Field('words', 'list:string', default=[EVIL, LINK]),
    Field('more', 'json', default={{EVIL: [EVIL]}}), Field('kind', requires=IS_EMPTY_OR(IS_IN_SET([(EVIL, EVIL), ('b', EVIL)]))),
    Field('owner', 'reference owner'), Field('owners', 'list:reference owner'),
    Field('photo', 'upload'), Field('link', default=LINK), Field('site', default=LINK, requires=IS_EMPTY_OR(IS_URL())),
    Field.Virtual('shout', lambda row: row.thing.name), format='%(name)s')
if db(db.owner).isempty():
    for _ in range(3):
        db.owner.insert(name=EVIL)
        db.thing.insert(name=EVIL, owner=1, owners=[1, 2], kind='b')
    db.commit()
response.flash = request.vars.flash
response.title = EVIL
"""
CONTROLLER = """
def user(): return dict(content=auth())
def enter():
    user = auth.get_or_create_user(dict(email='ed@example.com', first_name=EVIL, last_name=EVIL, registration_key=''))
    auth.add_membership(auth.add_group(EVIL, EVIL), user.id)
    auth.add_membership(auth.add_group('wiki_editor', EVIL), user.id)
    auth.log_event(EVIL)
    return 'in'
def form(): return dict(content=SQLFORM(db.thing, request.args(0), deletable=True).process(message_onfailure=EVIL))
def shown(): return dict(content=SQLFORM(db.thing, 1, readonly=True))
def styled(): return dict(content=SQLFORM(db.thing, 1, formstyle=request.args(0)).process())
def grid(): return dict(content=SQLFORM.grid(db.thing, user_signature=False, headers={'thing.name': EVIL},
    selectable=[(EVIL, lambda ids: None)], maxtextlength=400))
def smart(): return dict(content=SQLFORM.smartgrid(db.owner, user_signature=False))
def table(): return dict(content=SQLTABLE(db(db.thing).select(), headers='labels', truncate=None))
def rows(): return dict(content=db(db.thing).select())
def beauty(): return dict(content=BEAUTIFY(dict(a=EVIL, b=[EVIL, {EVIL: LINK}], c=db.thing(1))))
def made(): return dict(content=crud())
def bar(): return dict(content=CAT(auth.navbar(), response.toolbar(), MENU([(EVIL, False, URL(args=EVIL), [])]), CODE(EVIL, language=EVIL),
    MARKMIN(EVIL), A(EVIL, _href=URL(args=EVIL, vars={EVIL: EVIL})), response.include_meta(), response.title))
def echo(): return dict(content=CAT(*[DIV(key, value) for key, value in request.vars.items()]))
def wiki(): return dict(content=auth.wiki()['content'])
def part(): return dict(content=LOAD('default', 'inner', ajax=True, target='part'))
def inner():
    response.flash = EVIL
    return XML(DIV(EVIL, FORM(INPUT(_name='a', _value=EVIL, requires=IS_IN_SET(['x'], error_message=EVIL))).process(formname=None)))
def bad(): raise ValueError(EVIL)
"""
PAGES = (
    "form", "form/1", "shown", "grid", "grid/view/thing/1", "grid/edit/thing/1", "grid/new/thing", "grid/delete/thing/1",
    "grid?keywords=EVIL&order=EVIL&page=EVIL", 'grid?keywords=thing.name%20contains%20%22EVIL%22', "smart", "smart/owner/thing.owner/1",
    "table", "rows", "beauty", "made/tables", "made/read/thing/1", "made/update/thing/1", "made/select/thing", "made/search/thing",
    "bar", "echo?a=EVIL&EVIL=1", "wiki/_create", "wiki/_edit/evil", "wiki/_search?q=EVIL", "wiki/_pages",
    "user/profile", "user/groups", "user/change_password", "user/login?_next=EVIL", "user/impersonate", "part",
    "styled/divs", "styled/ul", "styled/table2cols", "styled/bootstrap3_inline", "styled/bootstrap4_stacked",
    "styled/bootstrap5_inline", "styled/inline", "echo?flash=EVIL", "bad", "grid/view/thing/EVIL", "EVIL", "form/EVIL",
)  # fmt: skip
SAY_NOTHING = {
    "user/login?_next=EVIL", "made/tables", "form/EVIL", "user/change_password", "bad", "grid/view/thing/EVIL",
    "user/impersonate", "EVIL", "wiki/_create", "wiki/_edit/evil", "wiki/_pages",
}  # fmt: skip
LOOK = """
const found = [...document.querySelectorAll('[onerror],[onload],img[src="x"]')].map(one => one.outerHTML);
for (const one of document.querySelectorAll('a[href],form[action],button[formaction],iframe[src]'))
  for (const name of ['href', 'action', 'formaction', 'src'])
    if (/^\\s*javascript:/i.test(one.getAttribute(name) || '') && one.getAttribute(name).includes('hacked')) found.push(one.outerHTML);
if (window.hacked) found.push('ran');
return found;
"""


@pytest.fixture
def evil(parts):
    parts.site.write("models/db.py", MODEL)
    for name in (
        "user",
        "form",
        "shown",
        "styled",
        "grid",
        "smart",
        "table",
        "rows",
        "beauty",
        "made",
        "bar",
        "echo",
        "wiki",
        "part",
    ):
        parts.site.write(f"views/default/{name}.html", "{{extend 'layout.html'}}{{=content}}")
    parts.open(CONTROLLER + "\ndef index(): return dict()\n", "x")
    return parts


def test_no_page_runs_what_is_in_the_data(evil):
    """SEC-01: pages of forms, grids, users, wiki, errors; as a visitor and as a user who has such a name."""
    from urllib.parse import quote

    bad, seen = {}, set()
    for round_ in ("visitor", "user"):
        if round_ == "user":
            evil.browser.get(evil.address + "/myapp/default/enter")
        for path in PAGES:
            address = path.replace("EVIL", quote(EVIL.replace('\\"', '"'), safe=""))
            evil.browser.get(f"{evil.address}/myapp/default/{address}")
            if path == "part":
                evil.wait_text("#part", "window.hacked")
            found = evil.js(LOOK)
            if found:
                bad[round_, path] = found[:3]
            if evil.js(
                "return document.documentElement.outerHTML.replaceAll('&', '').includes('window.hacked')"
            ):
                seen.add(path)
    assert bad == {}
    assert set(PAGES) - seen <= SAY_NOTHING, "the others show the text, as text"


def test_what_comes_back_with_errors_is_text(evil):
    """SEC-01: forms sent with scripts in every field, through the browser itself."""
    from selenium.webdriver.common.by import By

    for path in (
        "form",
        "made/create/thing",
        "grid/new/thing",
        "user/register",
        "user/login",
        "user/request_reset_password",
        "wiki/_create",
    ):
        evil.browser.get(f"{evil.address}/myapp/default/{path}")
        for field in evil.browser.find_elements(
            By.CSS_SELECTOR,
            "main form input:not([type=hidden]):not([type=submit]):not([type=file]):not([type=checkbox]), main form textarea",
        ):
            evil.js(
                "arguments[0].value = arguments[1]",
                field,
                EVIL if field.get_attribute("name") != "name" else "",
            )
        for form in evil.browser.find_elements(By.CSS_SELECTOR, "main form"):
            evil.js(
                "for (const one of arguments[0].querySelectorAll('[required]')) one.required = false; arguments[0].noValidate = true",
                form,
            )
        evil.find("main form input[type=submit], main form button[type=submit]").click()
        evil.wait(lambda: evil.js("return document.readyState") == "complete")
        assert evil.js(LOOK) == [], path
