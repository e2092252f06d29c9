"""Forms inside requests: pages, redirects, uploads, parts of pages (NAMES-05, NAMES-06, SEC-03)."""

from __future__ import annotations

import io

import pytest

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('dog', Field('name', requires=IS_NOT_EMPTY()), Field('age', 'integer'),
    Field('picture', 'upload', autodelete=True, requires=IS_EMPTY_OR(IS_LENGTH(1000000))))
"""
CONTROLLER = """
def add():
    form = SQLFORM(db.dog, upload=URL('download')).process(next=URL('show', args='[id]'))
    return dict(form=form)

def edit():
    form = SQLFORM(db.dog, request.args(0), deletable=True, upload=URL('download')).process()
    return dict(form=form, flash=response.flash or '', accepted=form.accepted)

def show():
    return dict(form=SQLFORM(db.dog, request.args(0), readonly=True, upload=URL('download')))

def plain():
    form = FORM(INPUT(_name='a', requires=IS_NOT_EMPTY()), INPUT(_type='submit')).process()
    return dict(form=form, a=form.vars.a if form.accepted else '')

def box():
    form = SQLFORM.factory(Field('paper', 'upload')).process()
    return dict(form=form, stored=form.vars.paper or '')

def page():
    return dict(part=LOAD('default', 'plain.load', ajax=False, ajax_trap=True))

def hand():
    form = SQLFORM(db.dog)
    form[0].insert(-1, TR('', INPUT(_name='agree', _type='checkbox', requires=IS_NOT_EMPTY())))
    form.element('#dog_name')['_class'] = 'mine'
    form.accepts(request.vars, session)
    return dict(form=form, vars=form.vars)

def laid():
    form = SQLFORM(db.dog, request.args(0), formstyle='bootstrap5', deletable=True).process()
    return dict(form=form)

def download():
    return response.download(request, db)
"""
VIEW = "{{for name, value in response._vars.items():}}<div id='{{=name}}'>{{=value}}</div>{{pass}}"


@pytest.fixture
def client(site):
    site.model(MODEL)
    site.controller(CONTROLLER)
    for name in ("add", "edit", "show", "plain", "box", "page", "hand"):
        site.view(VIEW, f"default/{name}.html")
    site.view(VIEW, "default/plain.load")
    site.view(
        "{{=form.custom.begin}}<b>{{=form.custom.label.name}}</b>{{=form.custom.widget.name}}"
        "{{=form.custom.delete}}{{=form.custom.submit}}{{=form.custom.end}}",
        "default/laid.html",
    )
    return site.client()


def send(client, path, **fields):
    page = client.get(path)
    sent = {**page.hidden(), **{k: v for k, v in fields.items() if v is not None}}
    return client.post(path, data=sent)


def test_names_06_from_empty_form_to_record(client):
    """NAMES-06: create with redirect to the new record, its message on the next page; edit; delete."""
    answer = send(client, "/myapp/default/add", name="rex", age="3")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/myapp/default/show/1"
    assert "rex" in client.get("/myapp/default/show/1").text
    answer = send(client, "/myapp/default/edit/1", name="rex", age="4")
    assert answer.element("#accepted").flatten() == "True"
    assert "Success" in answer.element("#flash").flatten()
    answer = send(client, "/myapp/default/edit/1", name="", age="4")
    assert "Errors in form" in answer.element("#flash").flatten()
    assert answer.element("#name__error")
    assert send(client, "/myapp/default/edit/1", delete_this_record="on").status_code == 200
    assert client.get("/myapp/default/edit/1").status_code == 404


def test_sec_keys_across_visitors_and_replays(site, client):
    """FUN-03: another visitor's key, one used twice, none at all."""
    other = site.client()
    page = client.get("/myapp/default/plain")
    key = page.hidden()
    assert other.post("/myapp/default/plain", data={**key, "a": "x"}).element("#a").flatten() == ""
    first = client.post("/myapp/default/plain", data={**key, "a": "x"})
    again = client.post("/myapp/default/plain", data={**key, "a": "x"})
    assert (first.element("#a").flatten(), again.element("#a").flatten()) == ("x", "")
    assert (
        client.post("/myapp/default/plain", data={"a": "x", "_formname": "default"}).element("#a").flatten()
        == ""
    )


def upload(client, path, filename, data, **fields):
    return send(client, path, **fields, picture=(io.BytesIO(data), filename))


def test_sec_03_uploads_are_renamed(site, client):
    """SEC-03, RESP-03: whatever the browser calls the file; it comes back as it was, its name cleaned."""
    for name in (
        "../../x.py",
        "..\\..\\x.py",
        "/etc/passwd",
        "a b.txt",
        ".htaccess",
        "x" * 300 + ".png",
        "\0.py",
        "ü.png",
    ):
        assert upload(client, "/myapp/default/add", name, b"data", name="rex").status_code == 303, name
    files = sorted((site.app / "uploads").rglob("*"))
    assert len(files) == 8
    assert all(f.name.startswith("dog.picture.") and f.parent == site.app / "uploads" for f in files)
    page = client.get("/myapp/default/edit/1")
    link = page.element("a")["_href"]
    answer = client.get(link)
    assert answer.data == b"data"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert ".." not in answer.headers["Content-Disposition"]


def test_names_06_upload_kept_replaced_deleted(site, client):
    """NAMES-06: nothing chosen keeps the file, a new one replaces it, the box deletes it; autodelete tidies up."""
    upload(client, "/myapp/default/add", "a.png", b"one", name="rex")
    (first,) = (site.app / "uploads").iterdir()
    assert send(client, "/myapp/default/edit/1", name="rex", age="4").status_code == 200
    assert first.exists()
    page = client.get("/myapp/default/edit/1")
    assert page.element("img")
    assert page.element("input[name=picture__delete]")
    send(client, "/myapp/default/edit/1", name="rex", picture="../../../etc/passwd")
    assert [f.name for f in (site.app / "uploads").iterdir()] == [first.name], "text is no file"
    upload(client, "/myapp/default/edit/1", "b.png", b"two", name="rex")
    (second,) = (site.app / "uploads").iterdir()
    assert second.read_bytes() == b"two"
    assert not first.exists()
    send(client, "/myapp/default/edit/1", name="rex", picture__delete="on")
    assert list((site.app / "uploads").iterdir()) == []
    assert client.get("/myapp/default/edit/1").element("img") is None


def test_sec_a_file_beyond_the_limit_is_refused(site, client, tmp_path):
    """FUN-03, FUN-14: 100 MB for a field of 1 MB: a message beside the field, nothing stored, memory stays flat."""
    import resource

    page = client.get("/myapp/default/add")
    edge = "edgeedge"
    parts = "".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**page.hidden(), "name": "rex"}.items()
    )
    head = (
        parts + f'--{edge}\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    ).encode()
    tail = f"\r\n--{edge}--\r\n".encode()

    body = tmp_path / "body"
    with body.open("wb") as stream:
        stream.write(head)
        stream.seek(100 * 1024 * 1024, 1)  # a hole in the file: nobody has to write it
        stream.write(tail)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with body.open("rb") as stream:
        answer = client.post(
            "/myapp/default/add", input_stream=stream, content_type=f"multipart/form-data; boundary={edge}"
        )
    assert answer.status_code == 200
    assert answer.element("#picture__error")
    assert not (site.app / "uploads").exists() or not list((site.app / "uploads").iterdir())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


def test_names_06_factory_stores_files_of_the_application(site, client):
    """NAMES-06: a form without a table puts files into the application's uploads."""
    page = client.get("/myapp/default/box")
    answer = client.post("/myapp/default/box", data={**page.hidden(), "paper": (io.BytesIO(b"x"), "p.pdf")})
    stored = answer.element("#stored").flatten()
    assert stored.startswith("no_table.paper.")
    assert (site.app / "uploads" / stored).read_bytes() == b"x"


def test_names_05_form_inside_a_component(client):
    """NAMES-05, CORE components: the form of a part is sent to the part's own address and answered there."""
    page = client.get("/myapp/default/page")
    assert page.element("form")
    answer = client.post(
        "/myapp/default/plain.load", data={**page.hidden(), "a": "x"},
        headers={"X-Requested-With": "XMLHttpRequest", "web2py-component-element": "c1"},
    )  # fmt: skip
    assert answer.element("#a").flatten() == "x"
    assert "Success" in answer.headers["web2py-component-flash"]


def test_names_06_elements_added_to_a_form(client):
    """NAMES-06: further controls validate and are in vars; nothing of what databases refuse reaches them."""
    page = client.get("/myapp/default/hand")
    assert page.element("#dog_name")["_class"] == "mine"
    answer = send(client, "/myapp/default/hand", name="a\0b", age="3")
    assert client.get("/myapp/default/show/1").status_code == 404
    answer = send(client, "/myapp/default/hand", name="a\0b", age="3", agree="on")
    assert "agree" in answer.element("#vars").flatten()
    assert "ab" in client.get("/myapp/default/show/1").text


def test_names_06_a_form_laid_out_by_hand(client):
    """NAMES-06: form.custom: dressed controls, errors beside them, fields that are not in the page stay."""
    send(client, "/myapp/default/add", name="rex", age="3")
    page = client.get("/myapp/default/laid/1")
    assert "form-control" in page.element("input[name=name]")["_class"]
    assert page.element("input[name=delete_this_record]")
    answer = send(client, "/myapp/default/laid/1", name="")
    assert answer.element("#name__error")
    assert "is-invalid" in answer.element("input[name=name]")["_class"]
    assert send(client, "/myapp/default/laid/1", name="max").element("input[name=name]")["_value"] == "max"
    page = client.get("/myapp/default/edit/1")
    assert page.element("input[name=age]")["_value"] == "3"


def test_names_06_factory_of_a_table_with_unique_fields(site):
    """NAMES-06: a form of a table's fields asks that table whether a value is there already."""
    site.model(
        "db = DAL('sqlite:memory')\n"
        "db.define_table('blog', Field('title', notnull=True, unique=True), Field('kind', 'integer'))\n"
        "db.blog.insert(title='old')\n"
    )
    site.controller(
        "def index():\n"
        "    request.vars.update(title=request.get_vars.title, kind=request.get_vars.kind, extra='x')\n"
        "    form = SQLFORM.factory(db.blog, Field('extra'))\n"
        "    form.accepts(request.vars, formname=None)\n"
        "    return repr((form.accepted, sorted(form.errors), form.vars.extra))\n"
    )
    client = site.client()
    assert client.get("/myapp/default/index?title=new&kind=3").text == "(True, [], 'x')"
    assert client.get("/myapp/default/index?title=old&kind=3").text.startswith("(False, ['title']")
    assert client.get("/myapp/default/index?title=new&kind=z").text.startswith("(False, ['kind']")


def test_names_06_smartdictform_kept_in_a_file(site):
    """NAMES-06: the file has the values, accepted ones go there; what is no plain value in it is refused."""
    site.controller(
        "import os\n"
        "path = os.path.join(request.folder, 'private', 'kept.txt')\n"
        "def index():\n"
        "    session.kept = session.kept or dict(name='a', n=1, day=request.now.date())\n"
        "    form = SQLFORM.smartdictform(session, 'kept', filename=path)\n"
        "    return form.xml() + '|%s %s' % (session.kept['name'], session.kept['n'] + 1)\n"
        "def nothing():\n"
        "    return SQLFORM.smartdictform(session, 'no_such', filename=path + '.other')\n"
    )
    path = site.write("private/kept.txt", "{'name': 'b', 'n': -5, 'day': datetime.date(2024, 2, 29)}")
    client = site.client()
    page = client.get("/myapp/default/index")
    assert page.text.endswith("|b -4")
    assert "2024-02-29" in page.text
    sent = client.post(
        "/myapp/default/index", data=page.hidden() | {"name": "b", "n": "7", "day": "2025-01-02"}
    )
    assert sent.text.endswith("|b 8")
    assert path.read_text() == "{'name': 'b', 'n': 7, 'day': datetime.date(2025, 1, 2)}"
    assert site.client().get("/myapp/default/index").text.endswith("|b 8")
    mark = site.root / "ran"
    path.write_text(f"__import__('pathlib').Path({str(mark)!r}).touch()")
    assert client.get("/myapp/default/index").status_code == 500
    assert not mark.exists()
    assert client.get("/myapp/default/nothing").status_code == 500
    assert "put one there first" in "".join(ticket.read_text() for ticket in site.tickets())


def test_names_06_smartdictform_kept_in_a_record(site):
    """NAMES-06: the record gets what was accepted, by its own validators; its number is not asked for."""
    site.model(
        "db = DAL('sqlite://kept.sqlite')\n"
        "db.define_table('setting', Field('title', requires=IS_NOT_EMPTY()), Field('size', 'integer'),\n"
        "    Field('hidden', writable=False, default='h'))\n"
        "if db(db.setting).isempty(): db.setting.insert(title='t')\n"
    )
    site.controller(
        "def index():\n"
        "    form = SQLFORM.smartdictform(session, 'kept', query=db.setting.title != None)\n"
        "    return form.xml() + '|%s' % [session.kept[n] for n in ('title', 'size', 'hidden')]\n"
        "def gone(): return SQLFORM.smartdictform(session, 'kept', query=db.setting.title == 'none')\n"
    )
    client = site.client()
    page = client.get("/myapp/default/index")
    assert page.text.endswith("|['t', None, 'h']")
    assert 'name="id"' not in page.text
    assert 'name="hidden"' not in page.text
    refused = client.post("/myapp/default/index", data=page.hidden() | {"title": "", "size": "3"})
    assert refused.text.endswith("|['t', None, 'h']")
    sent = client.post("/myapp/default/index", data=refused.hidden() | {"title": "u", "size": "3"})
    assert sent.text.endswith("|['u', 3, 'h']")
    assert site.client().get("/myapp/default/index").text.endswith("|['u', 3, 'h']")
    assert client.get("/myapp/default/gone").status_code == 404
