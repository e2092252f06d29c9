"""SITE-08: the documented import paths resolve and do what they say."""

from __future__ import annotations

import importlib

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
    "gluon.compileapp": "run_controller_in run_view_in run_models_in build_environment compile_application "
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
    "gluon.dal": "DAL Field",
    "gluon.fileutils": "check_credentials cleanpath create_app listdir open_file parse_version read_file tar tar_compiled untar "
    "w2p_pack w2p_unpack",
    "gluon.globals": "Request Response Session current",
    "gluon.html": "FORM URL MARKMIN SPAN DIV INPUT OPTION P PRE ASSIGNJS BEAUTIFY CODE MENU TAG XML XHTML verifyURL "
    "xmlescape A B BODY BR BUTTON CAT CENTER COL COLGROUP EM EMBED FIELDSET H1 H2 H3 H4 H5 H6 HEAD HR HTML I IFRAME "
    "IMG LABEL LEGEND LI LINK META OBJECT OL OPTGROUP SCRIPT SELECT STRONG STYLE TABLE TBODY TD TEXTAREA TFOOT TH THEAD "
    "TITLE TR TT UL",
    "gluon.http": "HTTP redirect defined_status",
    "gluon.languages": "TranslatorFactory findT update_all_languages",
    "gluon.main": "wsgibase appfactory",
    "gluon.myregex": "regex_expose regex_tables",
    "gluon.rewrite": "load filter_url filter_err regex_url_in regex_filter_out map_url_out try_redirect_on_error",
    "gluon.sanitizer": "sanitize",
    "gluon.scheduler": "Scheduler",
    "gluon.serializers": "xml json rss ics loads_json",
    "gluon.settings": "global_settings",
    "gluon.shell": "exec_environment",
    "gluon.sql": "DAL Field",
    "gluon.sqlhtml": "ExporterCSV ExporterCSV_hidden ExporterTSV ExporterTSV_hidden SQLTABLE SQLFORM FORM StringWidget AutocompleteWidget UploadWidget",
    "gluon.storage": "Storage List Messages StorageList Settings",
    "gluon.streamer": "stream_file_or_304_or_206",
    "gluon.template": "render parse_template",
    "gluon.tools": "Auth Crud prettydate Service PluginManager Mail Expose URL Recaptcha current fetch geocode web2py_uuid",
    "gluon.utils": "web2py_uuid md5_hash compare",
    "gluon.validators": "IS_SLUG IS_NOT_EMPTY IS_EMAIL IS_IN_DB CRYPT",
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
