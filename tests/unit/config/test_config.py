"""Options: table, values, precedence, the options file."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.config import (
    OPTIONS,
    Address,
    ConfigError,
    build_config,
    default_site_folder,
    load_options_file,
    options_as_markdown,
    parse_interfaces,
    sample_options_file,
)
from runtime.config.interfaces import read_interfaces


@pytest.fixture
def options_file(tmp_path):
    def write(text):
        path = tmp_path / "options.py"
        path.write_text(text)
        warnings = []
        return load_options_file(path, warnings.append), warnings

    return write


def test_defaults():
    """CLI-03, CLI-04, CLI-19, CLI-20, CLI-21, CLI-25 (AMB-03)"""
    config = build_config()
    assert config.interfaces == (Address("127.0.0.1", 8000),)
    assert (config.timeout, config.shutdown_timeout, config.socket_timeout) == (10, 5, 5)
    assert config.debug_level == 30
    assert config.banner
    assert not config.quiet
    assert config.folder == default_site_folder()


def test_flow_14_production_is_asked_for():
    """FLOW-14, T-15, T-21: development unless the command line or the options file says otherwise."""
    assert not build_config().production
    assert build_config({"production": True}).production
    assert build_config({}, {"production": True}).production
    assert not build_config({}, {"production": False}).production


def test_amb_36_command_line_before_file_before_default():
    """AMB-36"""
    file = {"port": 8100, "timeout": 30, "shutdown_timeout": None}
    config = build_config({"port": "8200"}, file)
    assert (config.interfaces[0].port, config.timeout, config.shutdown_timeout) == (8200, 30, 5)


def test_amb_36_an_address_on_the_command_line_beats_the_file_s_list():
    """AMB-36: `-p 8200` is obeyed though the file lists interfaces."""
    file = {"interfaces": [("0.0.0.0", 80)], "ip": "0.0.0.0"}
    assert build_config({"port": "8200"}, file).interfaces == (Address("0.0.0.0", 8200),)
    assert build_config({}, file).interfaces == (Address("0.0.0.0", 80),)


def test_cli_48_interfaces_win_over_ip_and_port():
    """CLI-03, CLI-48"""
    config = build_config({"interfaces": "127.0.0.1:8000;[::1]:8001", "ip": "1.2.3.4", "port": "5"})
    assert config.interfaces == (Address("127.0.0.1", 8000), Address("::1", 8001))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "empty"),
        ("127.0.0.1", "'127.0.0.1'"),
        ("127.0.0.1:8000;nonsense", "'nonsense'"),
        ("127.0.0.1:99999", "99999"),
        ("127.0.0.1:port", "'port'"),
        ("::1:8000", "[::1]:8000"),
        ("[::1]", "[::1]"),
        ("[127.0.0.1]:80", "[127.0.0.1]:80"),
        ("127.0.0.1:8000; [::1]:8001", "blanks"),
        ("127.0.0.1:8000;127.0.0.1:8000", "twice"),
        ("300.1.1.1:80", "300.1.1.1"),
        ("127.0.0.1:8000:key.pem:cert.pem", "TLS"),
        ("127.0.0.1:8000:a:b:c:d", "too many"),
    ],
)
def test_cli_48_malformed_interfaces_are_quoted(text, quoted):
    """CLI-48"""
    with pytest.raises(ConfigError) as caught:
        parse_interfaces(text)
    assert quoted in str(caught.value)


def test_cli_48_tls_fields_may_be_left_empty():
    """CLI-48: a closing semicolon and empty TLS fields say nothing."""
    assert parse_interfaces("127.0.0.1:8000:::;") == (Address("127.0.0.1", 8000),)


@given(st.lists(st.tuples(st.ip_addresses(), st.integers(1, 65535)), min_size=1, max_size=5, unique=True))
def test_cli_48_what_an_address_shows_can_be_read_back(pairs):
    """CLI-48"""
    addresses = tuple(Address(str(ip), port) for ip, port in pairs)
    assert parse_interfaces(";".join(map(str, addresses))) == addresses


@given(st.text(max_size=60))
def test_cli_48_any_text_is_read_or_refused_clearly(text):
    """CLI-48"""
    try:
        found = parse_interfaces(text)
    except ConfigError:
        return
    assert all(0 <= address.port <= 65535 for address in found)


def test_conf_03_interfaces_as_tuples():
    """CONF-03"""
    assert read_interfaces([("127.0.0.1", 8001), ["127.0.0.1", 8002]]) == (
        Address("127.0.0.1", 8001),
        Address("127.0.0.1", 8002),
    )
    for wrong in ([("127.0.0.1", 8001, "key.pem", "cert.pem")], [("127.0.0.1",)], [], 5, [8000]):
        with pytest.raises(ConfigError):
            read_interfaces(wrong)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"port": "99999"}, "99999"),
        ({"port": "-1"}, "out of range"),
        ({"port": "http"}, "'http'"),
        ({"port": True}, "True"),
        ({"ip": "localhost:80"}, "localhost:80"),
        ({"ip": "example.com"}, "example.com"),
        ({"minthreads": "9", "maxthreads": "3"}, "more than"),
        ({"maxthreads": "0"}, "maxthreads"),
        ({"maxthreads": "many"}, "many"),
        ({"timeout": "soon"}, "soon"),
        ({"timeout": "nan"}, "timeout"),
        ({"shutdown_timeout": "-1"}, "shutdown_timeout"),
        ({"debug": "101"}, "0 to 100"),
        ({"trusted_proxies": "here"}, "here"),
        ({"server_name": "a b"}, "a b"),
        ({"host_names": "www.example.org, http://x"}, "http://x"),
        ({"folder": ""}, "folder"),
        ({"ssl_certificate": "c.pem"}, "-k"),
        ({"ssl_private_key": "k.pem"}, "-c"),
        ({"ssl_certificate": "c.pem", "ssl_private_key": "k.pem"}, "TLS"),
    ],
)
def test_wrong_values_are_named(options, words):
    """CLI-04, CLI-10, CLI-14..21, CLI-25: the message names option and value."""
    with pytest.raises(ConfigError) as caught:
        build_config(options)
    assert words in str(caught.value)


@pytest.mark.parametrize("option", [o for o in OPTIONS if o.refusal], ids=lambda o: o.name)
def test_options_of_later_versions_are_refused_not_ignored(option):
    """CLI-09, CLI-11, CLI-26..42, CLI-49, CLI-51, LOCK-10"""
    values = {option.name: True if option.kind == "flag" else "x"}
    if option.name in ("ssl_certificate", "ssl_private_key"):
        values = {"ssl_certificate": "x", "ssl_private_key": "x"}
    with pytest.raises(ConfigError) as caught:
        build_config(values)
    assert str(caught.value) == option.refusal


def test_cli_14_to_16_threads():
    """CLI-14, CLI-15, CLI-16"""
    assert build_config({"maxthreads": "2"}).threads == 2
    assert build_config({"numthreads": "4"}).threads == 4
    assert build_config({"minthreads": "30"}).threads == 30
    assert build_config({"minthreads": "3"}).threads >= 3


def test_amb_04_an_applications_folder_stands_for_its_parent(tmp_path):
    """AMB-04, CLI-22"""
    (tmp_path / "applications").mkdir()
    assert build_config({"folder": str(tmp_path / "applications")}).folder == tmp_path
    assert build_config({"folder": str(tmp_path)}).folder == tmp_path


def test_file_names_are_relative_to_the_site(tmp_path):
    """CLI-12, CLI-13"""
    config = build_config({"folder": str(tmp_path), "pid_filename": "x.pid", "log_filename": "/var/log/x"})
    assert config.pid_file == tmp_path / "x.pid"
    assert config.access_log == Path("/var/log/x")


def test_the_password_is_never_shown():
    assert "secret" not in repr(build_config({"password": "secret"}))


def test_conf_01_the_file_is_python(options_file):
    """CONF-01, CLI-43"""
    values, warnings = options_file("import os, socket\nport = 8000 + 50\n_mine = 1\ndef helper(): pass\n")
    assert values == {"port": 8050}
    assert warnings == []


def test_lock_10_unknown_names_are_told(options_file):
    """CONF-01, LOCK-10"""
    values, warnings = options_file("porrt = 8050\n")
    assert values == {}
    assert "porrt" in warnings[0]


def test_conf_02_the_sample_file_has_the_documented_values(options_file):
    """CONF-02, CONF-05"""
    values, warnings = options_file(sample_options_file())
    names = {option.file_name: option.name for option in OPTIONS if option.file_name}
    documented = (
        "ip port interfaces password pid_filename log_filename profiler_filename ssl_certificate "
        "ssl_private_key minthreads maxthreads server_name request_queue_size timeout shutdown_timeout "
        "folder extcron nocron"
    )
    assert {names[name] for name in documented.split()} == set(values)
    assert warnings == []
    assert (values["ip"], values["port"], values["timeout"]) == ("0.0.0.0", 80, 30)
    config = build_config({"port": "8200", "ip": "127.0.0.1"}, values)
    assert config.interfaces == (Address("127.0.0.1", 8200),)


def test_conf_04_old_names(options_file):
    """CONF-04: both accepted, the first warns."""
    values, warnings = options_file("numthreads = 4\nruncron = False\n")
    assert build_config({}, values).threads == 4
    assert len(warnings) == 1
    assert "numthreads" in warnings[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = \n", "line 1"),
        ("x = 1\nport = 1 / 0\n", "line 2: ZeroDivisionError"),
        ("import nothing_like_this\n", "nothing_like_this"),
        ("raise SystemExit(3)\n", "exit"),
    ],
)
def test_conf_01_a_broken_file_is_told_with_its_line(options_file, text, words):
    """CONF-01"""
    with pytest.raises(ConfigError) as caught:
        options_file(text)
    assert words in str(caught.value)


def test_cli_43_a_missing_file_is_told(tmp_path):
    """CLI-43"""
    with pytest.raises(ConfigError, match=r"none\.py"):
        load_options_file(tmp_path / "none.py", print)


def test_the_table_has_every_spelling_once():
    flags = [flag for option in OPTIONS for flag in option.flags]
    assert len(flags) == len(set(flags))
    assert all(option.help.endswith((".", "...")) and option.spec for option in OPTIONS)


def test_urls_for_browsers():
    """An address that means all interfaces is no address a browser can open."""
    assert Address("0.0.0.0", 80).url == "http://127.0.0.1:80/"
    assert Address("::", 80).url == "http://[::1]:80/"
    assert Address("0.0.0.0", 80).is_public
    assert not Address("::1", 80).is_public


def test_every_option_is_in_the_documentation():
    """The documentation comes from the same table; a row has four cells."""
    rows = [line for line in options_as_markdown().splitlines() if line.startswith("| `")]
    assert len(rows) == len(OPTIONS)
    for option, row in zip(sorted(OPTIONS, key=lambda o: o.long), sorted(rows, key=_long_name), strict=True):
        assert f"`--{option.long}`" in row
        assert len(re.findall(r"(?<!\\)\|", row)) == 5


def _long_name(row):
    return re.search(r"`--([\w-]+)`", row)[1]
