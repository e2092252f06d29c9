"""Service: functions offered to other programs (FUN-13, COOP-4)."""

from __future__ import annotations

import json
import xmlrpc.client

import pytest

CONTROLLER = """
from gluon.tools import Service
service = Service()

@service.run
@service.json
@service.xml
@service.xmlrpc
@service.jsonrpc
@service.jsonrpc2
def concat(a, b='-'):
    return '%s%s' % (a, b)

@service.csv
def table(n=2):
    return [dict(a=i, b='x,"y"') for i in range(int(n))]

@service.csv
def generated():
    yield [1, 2]

@service.rss
def feed():
    return dict(title='T', link='http://x', description='d', entries=[dict(title='one', link='l', description='<b>')])

@service.jsonrpc
@service.jsonrpc2
@service.xmlrpc
def div(a, b):
    return a / b

@service.jsonrpc2
def own_error():
    raise Service.JsonRpcException(42, 'no luck', dict(a=1))

@service.amfrpc3('domain')
@service.amfrpc
@service.soap('Add', returns={'r': int}, args={'a': int})
def old():
    return 1

@service.run
def helper():
    return B('x')

def call():
    session.forget()
    return service()
"""


@pytest.fixture
def client(site):
    site.controller(CONTROLLER)
    return site.client()


def rpc(client, payload, protocol="jsonrpc2", **options):
    data = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
    page = client.post(
        f"/myapp/default/call/{protocol}", data=data, content_type="application/json", **options
    )
    return page, (json.loads(page.text) if page.text else None)


def test_by_address(client):
    """FUN-13: run, json, xml, csv, rss, with arguments of the address or the query."""
    get = client.get
    assert get("/myapp/default/call/run/concat/a/b").text == "ab"
    assert get("/myapp/default/call/run/concat?a=x&b=y&z=1").text == "xy"
    assert get("/myapp/default/call/run/concat/x?a=ignored").text == "x-"
    assert get("/myapp/default/call/run/helper").text == "<b>x</b>"
    page = get("/myapp/default/call/json/concat/a")
    assert (page.json, page.headers["Content-Type"]) == ("a-", "application/json; charset=utf-8")
    assert "<document>ab</document>" in get("/myapp/default/call/xml/concat/a/b").text
    assert get("/myapp/default/call/csv/table/1").text == 'a,b\r\n0,"x,""y"""\r\n'
    assert get("/myapp/default/call/csv/generated").text == "1,2\r\n"
    page = get("/myapp/default/call/rss/feed")
    assert page.headers["Content-Type"].startswith("application/rss+xml")
    assert "<title>one</title>" in page.text
    for path in ("run/absent", "run", "", "nothing/x", "run/concat", "json/table", "error/x", "serve_run/x"):
        assert get(f"/myapp/default/call/{path}").status_code == 404, path


def test_protocols_that_are_gone_say_so(client):
    """FUN-13: AMF and SOAP answer with what to use instead."""
    for protocol in ("amfrpc", "amfrpc3", "soap"):
        page = client.get(f"/myapp/default/call/{protocol}/old")
        assert page.status_code == 501
        assert "jsonrpc" in page.text


def test_xmlrpc(client):
    """COOP-4: values, and a fault with a ticket for an error."""

    def ask(name, *args):
        body = xmlrpc.client.dumps(args, name)
        page = client.post("/myapp/default/call/xmlrpc", data=body, content_type="text/xml")
        return xmlrpc.client.loads(page.data)[0][0]

    assert ask("concat", "a", "é") == "aé"
    with pytest.raises(xmlrpc.client.Fault, match="ZeroDivisionError"):
        ask("div", 1, 0)


def test_jsonrpc_version_1(client, site):
    """FUN-13: result, unknown function, wrong arguments, broken body, failing function."""
    _, answer = rpc(client, dict(method="concat", params=["a", "b"], id=7), "jsonrpc")
    assert answer == {"version": "1.1", "id": 7, "result": "ab", "error": None}
    for payload, code in (
        (dict(method="absent", params=[], id=1), -32601),
        (dict(method="concat", params=[1, 2, 3], id=1), -32602),
        (dict(params=[]), -32600),
        ("{", -32700),
        ("[" * 100_000, -32700),
        (dict(method="div", params=[1, 0], id=1), -32603),
    ):
        page, answer = rpc(client, payload, "jsonrpc")
        assert answer["error"]["code"] == code
        assert answer["error"]["name"] == "JSONRPCError"
        assert page.status_code == 200
    assert len(site.tickets()) == 1
    _, answer = rpc(client, dict(jsonrpc="2.0", method="concat", params=["a"], id="x"), "jsonrpc")
    assert answer == {"jsonrpc": "2.0", "id": "x", "result": "a-"}


def test_jsonrpc_version_2(client):
    """FUN-13: names, notifications, batches, own errors."""
    call = lambda **more: dict(jsonrpc="2.0") | more  # noqa: E731
    _, answer = rpc(client, call(method="concat", params=dict(b="y", a="x"), id=1))
    assert answer["result"] == "xy"
    page, answer = rpc(client, call(method="concat", params=["x"]))
    assert (page.status_code, answer) == (204, None)
    _, answer = rpc(client, call(method="own_error", id=1))
    assert answer["error"] == {"code": 42, "message": "no luck", "data": {"a": 1}}
    batch = [call(method="concat", params=["a"], id=1), call(method="concat", params=["b"]), 5, call(id=2)]
    _, answer = rpc(client, batch)
    assert answer[0]["result"] == "a-"
    assert [one["error"]["code"] for one in answer[1:]] == [-32600, -32600]
    assert rpc(client, [])[1]["error"]["code"] == -32600
    assert rpc(client, [call(method="concat", params=["a"])])[0].status_code == 204
    assert rpc(client, call(method=["x"], id=1))[1]["error"]["code"] == -32600


def test_errors_tell_strangers_nothing(client, site):
    """SEC: a visitor from elsewhere gets the ticket's number, never the error's text; writes are undone."""
    site.model("db = DAL('sqlite://storage.sqlite')\ndb.define_table('thing', Field('name'))\n")
    site.controller(
        CONTROLLER
        + "\n@service.jsonrpc2\ndef fails():\n    db.thing.insert(name='x')\n    raise ValueError('secret')\n"
        + "\n@service.run\ndef count():\n    return db(db.thing).count()\n"
    )
    payload = dict(jsonrpc="2.0", method="fails", id=1)
    page, answer = rpc(client, payload, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert "secret" not in page.text
    assert answer["error"]["data"]["ticket"].startswith("myapp/")
    assert client.get("/myapp/default/call/run/count").text == "0"
