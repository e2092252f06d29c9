"""`URL` and its signatures."""

from __future__ import annotations

import inspect

import pytest

from runtime.foundation.current import current
from runtime.foundation.storage import List, Storage
from runtime.routing import URL, RouteTable, set_default, verifyURL
from runtime.routing.testing import filter_url, load


def make_request(application="myapp", controller="default", function="index", **more):
    env = Storage(http_host="127.0.0.1:8000", wsgi_url_scheme="http", request_method="GET")
    given = {"extension": "html", "args": List(), "get_vars": Storage(), "env": env} | more
    return Storage(application=application, controller=controller, function=function, **given)


@pytest.fixture
def request_(site):
    request = make_request()
    current._begin(request=request, response=Storage(), session=Storage())
    return request


def test_url_01_02_03_names(request_):
    """URL-01, URL-02, URL-03"""
    assert URL("f") == "/myapp/default/f"
    assert URL("c", "f") == "/myapp/c/f"
    assert URL("a", "c", "f") == "/a/c/f"
    assert URL(a="a", c="c", f="f") == "/a/c/f"
    assert URL(c="c", f="f") == "/myapp/c/f"
    assert URL() == "/myapp/default/index"
    assert URL(args=["x"]) == "/myapp/default/index/x"


def test_url_04_05_15_16_parts(request_):
    """URL-04, URL-05, URL-15, URL-16"""
    assert URL("shop", "cart", "show", args=["7", "red"], vars={"p": "2"}) == "/shop/cart/show/7/red?p=2"
    assert URL("f", args="x") == "/myapp/default/f/x"
    assert URL("f", args=7) == "/myapp/default/f/7"
    assert URL("f", args=(1, 2)) == "/myapp/default/f/1/2"
    assert URL(a="a", c="c", f="f", vars={"p": 1}, anchor="1") == "/a/c/f?p=1#1"
    assert URL(a="a", c="c", f="f", anchor="1/2") == "/a/c/f#1/2"
    assert URL(a="a", c="c", f="f", vars={"p": (3, 1), "q": 2}) == "/a/c/f?p=3&p=1&q=2"
    assert URL(a="a", c="c", f="f", vars={"p": ""}) == "/a/c/f?p="
    assert URL(a="a", c="c", f="f", vars={}) == "/a/c/f"


def test_url_06_function_object(request_):
    """URL-06"""

    def index():
        pass

    assert URL(index) == "/myapp/default/index"
    assert URL("shop", index) == "/myapp/shop/index"


def test_url_07_what_it_encodes_is_decoded(request_):
    """URL-07"""
    url = URL("f", args=["a b"], vars={"q": "é&="})
    assert url == "/myapp/default/f/a%20b?q=%C3%A9%26%3D"
    load(rdict={"BASE": {"default_application": "myapp"}})
    assert filter_url("http://d.com" + URL("f", args=["a b", "ä"])) == "/myapp/default/f ['a b', 'ä']"


def test_url_08_static(request_):
    """URL-08"""
    assert URL("static", "image.png") == "/myapp/static/image.png"
    assert URL("static", "img/i/a.png") == "/myapp/static/img/i/a.png"
    assert URL("static", "ä b.png") == "/myapp/static/%C3%A4%20b.png"
    request_.extension = "json"
    assert URL("static", "noending") == "/myapp/static/noending"


def test_url_09_follows_the_routes_of_the_request(request_, site, make_app):
    """URL-09"""
    make_app(site, "myapp")
    request_._routes = RouteTable.from_routers(site, {"BASE": {"default_application": "myapp"}})
    assert URL("default", "index") == "/"
    request_._routes = RouteTable(site)
    assert URL("default", "index") == "/myapp/default/index"


def test_url_10_extension(request_):
    """URL-10"""
    request_.extension = "json"
    assert URL("f") == "/myapp/default/f.json"
    assert URL("f", extension=False) == "/myapp/default/f"
    assert URL("f", extension="css") == "/myapp/default/f.css"
    assert URL(f="name.xml") == "/myapp/default/name.xml"
    request_.extension = "html"
    assert URL("f") == "/myapp/default/f"
    assert URL("f", extension="html") == "/myapp/default/f.html"


def test_url_11_absolute(request_):
    """URL-11"""
    assert URL("f", scheme="https", host="www.x.com") == "https://www.x.com/myapp/default/f"
    assert URL("f", scheme=True, host=True, port=8443) == "http://127.0.0.1:8443/myapp/default/f"
    assert URL("f", scheme=True) == "http://127.0.0.1:8000/myapp/default/f"
    assert URL("f", host=True) == "http://127.0.0.1:8000/myapp/default/f"
    assert URL("f", port=80) == "http://127.0.0.1:80/myapp/default/f"
    assert URL("f", scheme=False, host="h.com") == "http://h.com/myapp/default/f"
    assert URL("f", scheme="wss", host="h.com", port=1234) == "wss://h.com:1234/myapp/default/f"
    request_.env.http_host = "evil\r\nX: y"
    assert URL("f", host=True) == "http://127.0.0.1/myapp/default/f"


def signed_request(url, application="myapp", controller="default"):
    """The request a server makes of a signed address."""
    from urllib.parse import parse_qsl

    path, _, query = url.partition("?")
    parts = path.split("/")
    function, _, extension = parts[3].partition(".")
    request = make_request(
        application, controller, function, extension=extension or "html", args=List(parts[4:])
    )
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in request.get_vars:
            old = request.get_vars[name]
            request.get_vars[name] = [*(old if isinstance(old, list) else [old]), value]
        else:
            request.get_vars[name] = value
    return request


@pytest.mark.parametrize(
    ("make", "check"),
    [
        ({"vars": {"a": 123}}, {}),
        ({"vars": {"a": [1, 2], "b": ""}, "args": ["x", "y"]}, {}),
        ({"vars": {"a": 1}, "salt": "s"}, {"salt": "s"}),
        ({"vars": {"a": 1, "b": 2}, "hash_vars": ["a"]}, {"hash_vars": ["a"]}),
        ({"vars": {"a": 1}, "hash_vars": "a"}, {"hash_vars": "a"}),
        ({"vars": {"a": 1}, "hash_vars": False}, {"hash_vars": False}),
        ({"extension": "json"}, {}),
        ({"hash_extension": False}, {"hash_extension": False}),
    ],
)
def test_url_12_13_signature_is_accepted(request_, make, check):
    """URL-12, URL-13"""
    url = URL("two", hmac_key="k", **make)
    assert "_signature=" in url
    assert verifyURL(signed_request(url), hmac_key="k", **check) is True
    assert URL.verify(signed_request(url), hmac_key="k", **check) is True
    assert verifyURL(signed_request(url), hmac_key="other", **check) is False
    assert verifyURL(signed_request(url), hmac_key="k", **(check | {"salt": "pepper"})) is False


def test_url_12_form_of_a_signed_address(request_):
    """URL-12"""
    url = URL("two", vars={"a": 123}, hmac_key="k")
    head, _, signature = url.partition("&_signature=")
    assert head == "/myapp/default/two?a=123"
    assert len(signature) == 64
    assert int(signature, 16)


@pytest.mark.parametrize(
    ("old", "new"),
    [("a=123", "a=124"), ("a=123", "a=123&b=1"), ("/two", "/three"), ("/two", "/two/x"), ("/two", "/two.json"),
     ("a=123&", ""), ("_signature=", "_signature=0"), ("_signature", "_other")],
)  # fmt: skip
def test_url_13_any_change_is_refused(request_, old, new):
    """URL-13"""
    url = URL("two", vars={"a": 123}, hmac_key="k")
    assert old in url
    assert verifyURL(signed_request(url.replace(old, new, 1)), hmac_key="k") is False


def test_url_13_unsigned_variables_may_change(request_):
    """URL-13"""
    url = URL("two", vars={"a": 1, "b": 2}, hmac_key="k", hash_vars=["a"])
    assert verifyURL(signed_request(url.replace("b=2", "b=3")), hmac_key="k", hash_vars=["a"])
    assert not verifyURL(signed_request(url.replace("a=1", "a=3")), hmac_key="k", hash_vars=["a"])


def test_url_13_a_doubled_signature_is_refused(request_):
    """URL-13"""
    url = URL("two", hmac_key="k")
    assert not verifyURL(signed_request(url + "&_signature=0"), hmac_key="k")
    assert not verifyURL(make_request(function="two"), hmac_key="k")


def test_url_13_blanks_in_args_survive_the_underscore(request_):
    """URL-13, VAL-03"""
    request = signed_request(URL("two", args=["a b"], hmac_key="k"))
    request.args = List(["a_b"])
    assert verifyURL(request, hmac_key="k")


def test_url_14_user_signature(request_):
    """URL-14"""
    current.session.auth = Storage(hmac_key="mine")
    url = URL("two", vars={"a": 1}, user_signature=True)
    assert verifyURL(signed_request(url), user_signature=True)
    current.session.auth = Storage(hmac_key="thief")
    assert not verifyURL(signed_request(url), user_signature=True)
    current.session.auth = None
    assert not verifyURL(signed_request(url), user_signature=True)
    assert URL("two", user_signature=True) == "/myapp/default/two"


def test_url_17_encoding(request_):
    """URL-17"""
    assert URL("a", "c", "f", args=["%(id)d"], url_encode=False) == "/a/c/f/%(id)d"
    assert URL("a", "c", "f", args=["w/x"]) == "/a/c/f/w/x"
    assert URL("a", "c", "f", args=["w/x"], encode_embedded_slash=True) == "/a/c/f/w%2Fx"
    assert URL("a", "c", "f", vars={"a": "x y"}, url_encode=False) == "/a/c/f?a=x y"
    assert URL("a", "c", "f", args=['"><script>'], vars={"a": '"<'}) == "/a/c/f/%22%3E%3Cscript%3E?a=%22%3C"


def test_url_18_request_given(site):
    """URL-18"""
    request = make_request("other", "shop", "list", extension="json")
    assert URL(r=request, f="f") == "/other/shop/f.json"
    assert URL(r=request) == "/other/shop/list.json"
    assert URL(r=request, c="x", f="f", args="a") == "/other/x/f.json/a"
    assert URL("a", "c", "f", args=[""]) == "/a/c/f//"
    assert URL("a", "c", "f", args=["x", ""]) == "/a/c/f/x//"


def test_url_19_keywords(request_):
    """URL-19"""
    names = (
        "a c f r args vars anchor extension env hmac_key hash_vars salt user_signature scheme host port "
        "encode_embedded_slash url_encode language hash_extension"
    ).split()
    assert list(inspect.signature(URL).parameters) == names
    with pytest.raises(TypeError):
        URL("f", unknown=1)


def test_url_without_request(site):
    """URL-09"""
    current._begin()
    assert URL("a", "c", "f") == "/a/c/f"
    with pytest.raises(SyntaxError, match="application and controller"):
        URL("f")
    set_default(RouteTable.from_source(site, "routes_out = [('/a/c/f', '/x')]"))
    assert URL("a", "c", "f") == "/x"


def test_static_05_versions_on_request_only(request_):
    """STATIC-05, RESP-16"""
    current.response.static_version = "1.2.3"
    assert URL("static", "layout.css") == "/myapp/static/layout.css"
    current.response.static_version_urls = True
    assert URL("static", "layout.css") == "/myapp/static/_1.2.3/layout.css"
    assert URL("default", "f") == "/myapp/default/f"
    current.response.static_version = "1.2/../x"
    assert URL("static", "layout.css") == "/myapp/static/layout.css"
