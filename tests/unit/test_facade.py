"""SITE-08: the documented import paths resolve and do what they say."""

from __future__ import annotations

import datetime
import importlib
import pickle

import pytest

NAMES = {
    "gluon": "FORM SQLFORM URL A H3 SPAN TABLE TD TR current redirect DAL Field HTTP XML IS_NOT_EMPTY LOAD",
    "gluon._compat": "to_native",
    "gluon.admin": "apath app_pack app_pack_compiled app_compile app_create app_install app_uninstall app_cleanup",
    "gluon.cfs": "getcfs",
    "gluon.decoder": "decoder autoDetectXMLEncoding",
    "gluon.highlight": "highlight",
    "gluon.import_all": "MODULES",
    "gluon.portalocker": "lock unlock LOCK_EX LOCK_SH LockedFile read_locked write_locked",
    "gluon.reserved_sql_keywords": "ADAPTERS",
    "gluon.restricted": "RestrictedError TicketStorage restricted compile2",
    "gluon.xmlrpc": "handler",
    "gluon.cache": "Cache CacheInRam CacheOnDisk lazy_cache",
    "gluon.compileapp": "LOAD run_controller_in run_view_in run_models_in build_environment compile_application "
    "remove_compiled_application",
    "gluon.contenttype": "contenttype",
    "gluon.contrib.appconfig": "AppConfig",
    "gluon.contrib.markmin.markmin2html": "render make_dict markmin2html",
    "gluon.contrib.markmin.markmin2latex": "render",
    "gluon.contrib.markmin.markmin2pdf": "markmin2pdf",
    "gluon.contrib.heroku": "get_db",
    "gluon.contrib.login_methods.basic_auth": "basic_auth",
    "gluon.contrib.login_methods.cas_auth": "CasAuth",
    "gluon.contrib.login_methods.email_auth": "email_auth",
    "gluon.contrib.login_methods.extended_login_form": "ExtendedLoginForm",
    "gluon.contrib.login_methods.ldap_auth": "ldap_auth",
    "gluon.contrib.login_methods.oauth10a_account": "OAuthAccount",
    "gluon.contrib.login_methods.oauth20_account": "OAuthAccount",
    "gluon.contrib.login_methods.pam_auth": "pam_auth",
    "gluon.contrib.login_methods.x509_auth": "X509Auth",
    "gluon.contrib.simplejsonrpc": "ServerProxy",
    "gluon.contrib.user_agent_parser": "detect",
    "gluon.contrib.simplejson": "loads dumps",
    "gluon.contrib": "feedparser simplejson",
    "gluon.contrib.AuthorizeNet": "process",
    "gluon.contrib.autolinks": "expand_one",
    "gluon.contrib.feedparser": "parse",
    "gluon.contrib.gql": "DAL GQLDB Field",
    "gluon.contrib.login_methods.rpx_account": "use_janrain RPXAccount",
    "gluon.contrib.markdown": "WIKI",
    "gluon.contrib.populate": "populate IUP Learner",
    "gluon.contrib.pyrtf": "Document dumps",
    "gluon.contrib.pysimplesoap.client": "SoapClient SoapFault",
    "gluon.contrib.rss2": "RSS2 dumps",
    "gluon.contrib.spreadsheet": "Sheet",
    "gluon.contrib.stripe": "StripeForm",
    "gluon.contrib.webclient": "WebClient",
    "gluon.custom_import": "track_changes is_tracking_changes",
    "gluon.dal": "DAL Field GQLDB Reference BaseAdapter SQLALL smart_query",
    "gluon.fileutils": "check_credentials cleanpath create_app listdir open_file parse_version read_file tar tar_compiled untar "
    "w2p_pack w2p_unpack",
    "gluon.globals": "Request Response Session current",
    "gluon.html": "FORM URL MARKMIN SPAN DIV INPUT OPTION P PRE ASSIGNJS BEAUTIFY CODE MENU TAG XML XHTML verifyURL "
    "xmlescape A B BODY BR BUTTON CAT CENTER COL COLGROUP EM EMBED FIELDSET H1 H2 H3 H4 H5 H6 HEAD HR HTML I IFRAME "
    "IMG LABEL LEGEND LI LINK META OBJECT OL OPTGROUP SCRIPT SELECT STRONG STYLE TABLE TBODY TD TEXTAREA TFOOT TH THEAD "
    "TITLE TR TT UL web2pyHTMLParser",
    "gluon.http": "HTTP redirect defined_status",
    "gluon.languages": "TranslatorFactory translator findT update_all_languages",
    "gluon.main": "wsgibase appfactory save_password",
    "gluon.myregex": "regex_expose regex_tables",
    "gluon.rewrite": "load filter_url filter_err regex_url_in regex_filter_out map_url_out try_redirect_on_error "
    "url_in url_out",
    "gluon.sanitizer": "sanitize",
    "gluon.scheduler": "Scheduler",
    "gluon.serializers": "xml json rss ics loads_json",
    "gluon.settings": "global_settings",
    "gluon.shell": "exec_environment",
    "gluon.contrib.websocket_messaging": "websocket_send",
    "gluon.sql": "DAL Field",
    "gluon.sqlhtml": "ExporterCSV ExporterCSV_hidden ExporterTSV ExporterTSV_hidden SQLTABLE SQLFORM FORM StringWidget AutocompleteWidget UploadWidget represent "
    "formstyle_table3cols formstyle_bootstrap3_inline_factory formstyle_bootstrap4_stacked formstyle_divs formstyle_ul",
    "gluon.storage": "Storage List Messages StorageList Settings load_storage save_storage",
    "gluon.streamer": "stream_file_or_304_or_206",
    "gluon.template": "render parse_template TemplateParser",
    "gluon.tools": "Auth Crud prettydate Service PluginManager Mail Expose URL Recaptcha current fetch geocode web2py_uuid "
    "DAL Field AuthAPI AuthJWT DEFAULT callback call_or_redirect replace_id",
    "gluon.utils": "web2py_uuid md5_hash compare simple_hash get_digest is_valid_ip_address is_loopback_ip_address "
    "secure_dumps secure_loads",
    "gluon.validators": "IS_SLUG IS_NOT_EMPTY IS_EMAIL IS_IN_DB CRYPT Validator ValidationError translate urlify simple_hash",
}


def _find(module, name):
    """Return what ``from module import name`` gives: a name in it, or a module below it."""
    found = importlib.import_module(module)
    try:
        return getattr(found, name)
    except AttributeError:
        return importlib.import_module(f"{module}.{name}")


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, names in NAMES.items() for n in names.split()])
def test_site_08_import_path(module, name):
    """SITE-08."""
    assert _find(module, name) is not None


def test_paths_of_the_site(tmp_path, monkeypatch):
    """SITE-08: `abspath` starts where ``applications/`` is."""
    from gluon.fileutils import abspath, up
    from gluon.settings import global_settings

    monkeypatch.setitem(global_settings, "applications_parent", str(tmp_path))
    assert abspath("applications", "a") == str(tmp_path / "applications" / "a")
    assert abspath("tools.py", gluon=True).endswith("gluon/tools.py")
    assert up(str(tmp_path / "a") + "/") == str(tmp_path)


def test_fileutils(tmp_path):
    """SITE-08: files and packs through the documented functions."""
    from gluon.fileutils import (
        cleanpath,
        listdir,
        open_file,
        parse_version,
        read_file,
        tar,
        untar,
        write_file,
    )

    write_file(str(tmp_path / "a.txt"), "é")
    write_file(str(tmp_path / "a.txt"), "b", "a")
    assert read_file(str(tmp_path / "a.txt")) == "éb"
    (tmp_path / "sub").mkdir()
    write_file(str(tmp_path / "sub" / "b.py"), "x")
    assert listdir(str(tmp_path), r"^\w+\.py$") == ["sub/b.py"]
    assert listdir(str(tmp_path), add_dirs=True, exclude_content_from=["sub"]) == ["a.txt", "sub"]
    assert listdir(str(tmp_path), maxnum=1) == ["a.txt"]
    stream = open_file(str(tmp_path / "a.txt"))
    assert stream.read() == "éb"
    stream.close()
    assert cleanpath("My file (1).txt") == "My_file_1.txt"
    assert parse_version("1.22.333-rc.1+timestamp.2020.01.01")[:3] == (1, 22, 333)
    tar(str(tmp_path / "t.tar"), str(tmp_path / "sub"))
    untar(str(tmp_path / "t.tar"), str(tmp_path / "out"))
    assert (tmp_path / "out" / "b.py").read_text() == "x"


def test_compileapp_drives_an_application_without_a_server(tmp_path):
    """SITE-08, TEST-05: as tests of applications do."""
    from gluon.compileapp import build_environment, run_controller_in, run_models_in, run_view_in
    from gluon.globals import Request, Response, Session

    app = tmp_path / "applications" / "myapp"
    for folder, name, text in (
        ("models", "db.py", "value = 41"),
        ("controllers", "default.py", "def index():\n    return dict(n=value + 1)\n"),
        ("views/default", "index.html", "<b>{{=n}}</b>"),
    ):
        (app / folder).mkdir(parents=True)
        (app / folder / name).write_text(text)
    request = Request()
    request.update(
        application="myapp", controller="default", function="index", extension="html", folder=f"{app}/"
    )
    environment = build_environment(request, Response(), Session())
    run_models_in(environment)
    result = run_controller_in("default", "index", environment)
    assert result == {"n": 42}
    environment.update(result)
    assert run_view_in(environment) == "<b>42</b>"


def test_fileutils_make_and_pack_applications(tmp_path):
    """SITE-08, PACK-03: making an application, and a tar and a pack of it without sources."""
    from gluon.fileutils import create_app, tar_compiled, untar, w2p_pack, w2p_unpack

    (tmp_path / "made").mkdir()
    create_app(str(tmp_path / "made"))
    assert (tmp_path / "made" / "views" / "layout.html").is_file()
    assert "<fresh secret>" not in (tmp_path / "made" / "private" / "appconfig.ini").read_text()
    tar_compiled(str(tmp_path / "t.tar"), str(tmp_path / "made"))
    untar(str(tmp_path / "t.tar"), str(tmp_path / "out"))
    w2p_pack(str(tmp_path / "p.w2p"), str(tmp_path / "made"), compiled=True)
    w2p_unpack(str(tmp_path / "p.w2p"), str(tmp_path / "other"))
    for name in ("out", "other"):
        assert (tmp_path / name / "compiled" / "application.bin").is_file()
        assert not (tmp_path / name / "models").exists()
        assert (tmp_path / name / "static").is_dir()


CORE_FILES = (
    "admin cache cfs compileapp contenttype custom_import dal decoder fileutils globals highlight html http import_all "
    "languages main myregex newcron portalocker reserved_sql_keywords restricted rewrite rocket sanitizer scheduler "
    "serializers settings shell sql sqlhtml storage streamer template tools utils validators widget winservice xmlrpc"
).split()


@pytest.mark.parametrize("name", CORE_FILES)
def test_site_08_every_core_file_can_be_imported(name):
    """SITE-08: the whole core file map."""
    assert importlib.import_module(f"gluon.{name}") is not None


@pytest.mark.parametrize("name", ["newcron", "rocket", "widget", "winservice"])
def test_site_08_what_is_gone_says_what_does_its_job(name):
    """SITE-08: one helpful error."""
    from runtime.tools.absent import Discontinued

    module = importlib.import_module(f"gluon.{name}")
    with pytest.raises(Discontinued, match=r"Instead: .*hadron"):
        module.start


@pytest.mark.parametrize(
    ("module", "told"),
    [
        ("gluon.contrib.memdb", "no database"),
        ("gluon.contrib.gateways.fcgi", "wsgibase"),
        ("gluon.contrib.login_methods.saml2_auth", "OAuth 2.0"),
        ("gluon.packages.dal.pydal", "from pydal import"),
    ],
)
def test_site_08_additions_that_are_gone(module, told):
    """SITE-08, LIB-9..25: a controller that imports a name keeps its pages; using the name says what does the job."""
    from runtime.tools.absent import Discontinued

    names = {}
    with pytest.raises(Discontinued, match=told):
        exec(f"from {module} import anything", names)
        names["anything"]()
    if module.startswith("gluon.contrib."):
        with pytest.raises(Discontinued, match=told):
            names["anything"].method
    else:
        assert "anything" not in names


def test_auth_api_says_what_does_its_job():
    """SITE-08: a name that only fails when it is used."""
    from gluon.tools import AuthAPI

    from runtime.tools.absent import Discontinued

    with pytest.raises(Discontinued, match="login_bare"):
        AuthAPI(None)


def test_addresses_and_styles_by_their_old_names():
    """SITE-08: what modules of applications call."""
    from gluon.html import TABLE, web2py_uuid
    from gluon.sqlhtml import formstyle_bootstrap3_inline_factory, formstyle_table3cols
    from gluon.storage import Storage
    from gluon.tools import replace_id
    from gluon.utils import is_loopback_ip_address, is_valid_ip_address

    assert [is_valid_ip_address(a) for a in ("1.2.3.4", "::1", "1.2.3", "")] == [True, True, False, False]
    assert [is_loopback_ip_address(a) for a in ("127.0.0.1", "::1", "10.0.0.1", None)] == [
        True,
        True,
        False,
        False,
    ]
    assert replace_id("/a/b/show/[id]", Storage(vars=Storage(id=7))) == "/a/b/show/7"
    assert len(web2py_uuid()) == 36
    assert isinstance(formstyle_table3cols(None, [("row", "l", "c", "")]), TABLE)
    form = TABLE()
    made = str(formstyle_bootstrap3_inline_factory(4)(form, [("row", "l", "c", "")]))
    assert "col-sm-8" in made


def test_deployment_stores_the_password(tmp_path, monkeypatch):
    """SITE-08, CLI-05: scripts that set a server up call gluon.main.save_password."""
    from gluon.main import save_password

    monkeypatch.setenv("HADRON_SITE", str(tmp_path))
    save_password("secret", 8000)
    assert "scrypt" in (tmp_path / "parameters_8000.py").read_text()


def test_admin_calls(tmp_path):
    """SITE-08: applications as old administration code handles them."""
    import io

    from gluon import admin
    from gluon.storage import Storage

    from runtime.admin.site import prepare

    prepare(tmp_path)
    request = Storage(folder=str(tmp_path / "applications" / "welcome") + "/")
    assert admin.apath("welcome", request) == str(tmp_path / "applications" / "welcome")
    assert admin.app_create("shop", request) is True
    assert admin.app_create("shop", request, info=True)[0] is False
    (tmp_path / "applications" / "shop" / "sessions" / "s").write_text("x")
    assert admin.app_cleanup("shop", request)
    assert not list((tmp_path / "applications" / "shop" / "sessions").iterdir())
    name = admin.app_pack("shop", request)
    data = (tmp_path / "deposit" / name).read_bytes()
    assert admin.app_install("shop", io.BytesIO(data), request, name) is None
    assert admin.app_install("shop", io.BytesIO(data), request, name, overwrite=True)
    assert admin.app_install("store", io.BytesIO(data), request, name)
    assert admin.app_compile("store", request) == []
    assert admin.app_pack_compiled("store", request).endswith(".compiled.w2p")
    (tmp_path / "applications" / "store" / "models" / "x.py").write_text("(")
    assert "models/x.py, line 1" in admin.app_compile("store", request)
    assert admin.app_pack_compiled("store", request) is None
    assert admin.app_uninstall("store", request)
    assert not admin.app_uninstall("store", request)


def test_small_core_modules(tmp_path):
    """SITE-08: files kept in memory, encodings of XML, colours, locks, running code."""
    from gluon.cfs import getcfs
    from gluon.decoder import autoDetectXMLEncoding, decoder
    from gluon.highlight import highlight
    from gluon.portalocker import LockedFile, read_locked, write_locked
    from gluon.restricted import RestrictedError, restricted

    path = tmp_path / "a.txt"
    path.write_text("one")
    assert getcfs("k", str(path)) == "one"
    import os

    path.write_text("two")
    os.utime(path, (1, 1))
    assert getcfs("k", str(path)) == "two"
    assert getcfs("f", str(path), lambda: 5) == 5
    assert decoder('<?xml version="1.0" encoding="latin-1"?><a>é</a>'.encode("latin-1")).endswith("<a>é</a>")
    assert autoDetectXMLEncoding("<a>é</a>".encode("utf-16")) == "utf-16"
    assert autoDetectXMLEncoding(b"<a/>") == "utf-8"
    assert "<table" in highlight("x = 1", "python", counter=None)
    write_locked(str(path), b"three")
    write_locked(str(path), b"3")
    assert read_locked(str(path)) == b"3"
    with LockedFile(str(path), "ab") as file:
        file.write(b"4")
    assert read_locked(str(path)) == b"34"
    names = {}
    restricted("x = 1", names, "layer.py")
    assert names["x"] == 1
    with pytest.raises(RestrictedError, match="ZeroDivisionError") as caught:
        restricted("\n1/0", {}, "layer.py")
    assert caught.value.layer == "layer.py"
    assert "line 2" in caught.value.traceback


def test_restricted_error_and_its_ticket(tmp_path):
    """SITE-08, ERR-08: an error is logged as a ticket and read again."""
    from gluon.restricted import RestrictedError, restricted
    from gluon.storage import Storage

    folder = tmp_path / "applications" / "myapp"
    (folder / "errors").mkdir(parents=True)
    request = Storage(application="myapp", folder=f"{folder}/", env=Storage(), client="127.0.0.1")
    with pytest.raises(RestrictedError) as caught:
        restricted("1/0", {}, "code.py")
    number = caught.value.log(request)
    assert number.startswith("myapp/")
    found = RestrictedError.load(request, "myapp", number)
    assert "ZeroDivisionError" in found.traceback
    assert "division by zero" in str(found)


def test_sealed_data():
    """SITE-08: who has the keys reads it; what was altered, or made with another key, is never unpickled."""
    from gluon.utils import secure_dumps, secure_loads

    value = {"a": [1, "é"], "when": datetime.date(2024, 2, 29)}
    for options in ({}, {"hash_key": "second"}, {"compression_level": 9}):
        sealed = secure_dumps(value, "secret", **options)
        assert secure_loads(sealed, "secret", **options) == value
        assert secure_loads(sealed.decode(), b"secret", **options) == value
        assert secure_loads(sealed, "other", **options) is None
        assert b"2024" not in sealed
    assert secure_loads(secure_dumps(value, "secret", "second"), "secret") is None
    for forged in (
        sealed[:-8],
        sealed[:30] + b"AAAA" + sealed[34:],
        b"",
        "é",
        b"sealed:",
        pickle.dumps(_Bomb()),
    ):
        assert secure_loads(forged, "secret") is None
    with pytest.raises(ValueError, match="need a key"):
        secure_dumps(value, "")
    with pytest.raises(ValueError, match="need a key"):
        secure_loads(sealed, "")


class _Bomb:
    """Fails the test when it is unpickled."""

    def __reduce__(self):
        return pytest.fail, ("a foreign pickle was read",)


def test_storage_in_a_file(tmp_path, monkeypatch):
    """SITE-08: what this site has saved is loaded; anything else is refused before it could run code."""
    from gluon.settings import global_settings
    from gluon.storage import Storage, load_storage, save_storage

    from runtime.foundation.problems import UserError

    monkeypatch.setitem(global_settings, "applications_parent", str(tmp_path))
    path = tmp_path / "kept"
    save_storage(Storage(a=1, b=["x"]), str(path))
    loaded = load_storage(str(path))
    assert loaded.b == ["x"]
    assert isinstance(loaded, Storage)
    assert loaded.missing is None
    for data in (pickle.dumps(_Bomb()), path.read_bytes()[:-1], b""):
        path.write_bytes(data)
        with pytest.raises(UserError, match="kept was not written by save_storage"):
            load_storage(str(path))
    with pytest.raises(FileNotFoundError):
        load_storage(str(tmp_path / "none"))


def test_addresses_in_and_out(tmp_path, monkeypatch):
    """SITE-08, REWR-06: either router reads and makes addresses."""
    from gluon.rewrite import load, url_in, url_out
    from gluon.storage import Storage

    from runtime.routing import set_default
    from runtime.routing.testing import make_environ

    monkeypatch.chdir(tmp_path)
    app = tmp_path / "applications" / "shop" / "controllers"
    app.mkdir(parents=True)
    (app / "default.py").write_text("def index(): return {}\n")
    try:
        load(data="routes_in = [('/buy/$n', '/shop/default/one/$n')]\n"
             "routes_out = [('/shop/default/one/$n', '/buy/$n')]\n")  # fmt: skip
        request = Storage()
        environ = make_environ("http://shop.example:81/buy/7?x=1")
        assert url_in(request, environ)[:2] == (None, None)
        assert (request.application, request.function, request.args) == ("shop", "one", ["7"])
        request.env = Storage(http_host="shop.example:81", wsgi_url_scheme="http")
        parts = ("shop", "default", "one", ["7"], "/7?x=1")
        assert url_out(request, None, *parts, False, False, None) == "/buy/7?x=1"
        assert url_out(request, environ, *parts, True, True, None) == "http://shop.example:81/buy/7?x=1"
        assert url_out(None, None, *parts, "https", "a.example", 444) == "https://a.example:444/buy/7?x=1"
        load(rdict={"BASE": {"default_application": "shop"}})
        assert url_out(None, None, "shop", "default", "index", [], "", None, None, None) == "/"
    finally:
        set_default(None)


def test_template_and_markup_parsers(tmp_path):
    """SITE-08, LIB-32, NAMES-04: the source of a template, and the tree of markup."""
    from gluon.html import web2pyHTMLParser
    from gluon.template import TemplateParser

    from runtime.foundation.problems import UserError

    (tmp_path / "layout.html").write_text("<{{include}}>")
    parser = TemplateParser(
        "{{extend 'layout.html'}}{{for x in y:}}[[=x]][{{=x}}]{{pass}}", path=str(tmp_path)
    )
    written = []

    class _Response:
        def write(self, data, escape=True):
            written.append(str(data))

    exec(str(parser), {"response": _Response(), "y": "ab"})
    assert "".join(written) == "<[[=x]][a][[=x]][b]>"
    source = TemplateParser("[[=1+1]]", writer="out", delimiters=("[[", "]]")).to_string()
    assert "out(1 + 1" in source
    with pytest.raises(UserError, match="page, line 1"):
        str(TemplateParser("{{if x}}", name="page"))
    tree = web2pyHTMLParser("<p>a<br>b<x-item>c</p>", closed=("x-item",)).tree
    assert tree.element("p").flatten() == "abc"
    assert str(tree) == "<p>a<br />b<x-item />c</p>"
