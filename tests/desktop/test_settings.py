"""Options: one table, one readable file that nothing destroys."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray

from desktop.app import take_options
from desktop.settings import (
    BY_NAME,
    OPTIONS,
    OptionError,
    SettingsStore,
    WindowState,
    config_folder,
    keep_server_settings,
    server_settings,
)
from desktop.settings.document import write_document
from desktop.shell.layout_reset import is_layout
from runtime.cli import Options
from runtime.config import build_config, default_site_folder


def store_at(folder: Path) -> SettingsStore:
    return SettingsStore(folder)


def test_st_02_every_option_is_explained_and_its_default_valid() -> None:
    """ST-02: name, title, one sentence, a default it may have."""
    assert len(BY_NAME) == len(OPTIONS)
    for option in OPTIONS:
        assert option.check(option.default) == option.default
        assert option.section
        assert option.key
        assert option.title[0].isupper()
        assert option.sentence.endswith(".")
        assert "password" not in option.name


def test_st_03_file_is_readable_and_complete(qtbot: Any, tmp_path: Path) -> None:
    """ST-03: each option with its sentence, defaults as comments, changes in effect."""
    store = store_at(tmp_path)
    store.set("server.port", 8123)
    store.flush()
    text = (tmp_path / "settings.toml").read_text("utf-8")
    assert tomllib.loads(text)["server"] == {"port": 8123}
    for option in OPTIONS:
        assert f"# {option.sentence}" in text
    assert "#threads = 8" in text
    assert store_at(tmp_path).get("server.port") == 8123


def test_st_02_set_reset_force_and_source(qtbot: Any, tmp_path: Path) -> None:
    """ST-02: default, reset, and what the command line forces is shown and never stored."""
    store = store_at(tmp_path)
    seen: list[tuple[str, Any]] = []
    store.changed.connect(lambda name, value: seen.append((name, value)))
    assert (store.get("server.threads"), store.source("server.threads")) == (8, "default")
    store.set("server.threads", 4)
    store.set("server.threads", 4)
    assert store.source("server.threads") == "settings"
    store.force("server.threads", 2, "command line")
    assert (store.get("server.threads"), store.source("server.threads")) == (2, "command line")
    store.reset("server.threads")
    store.flush()
    assert seen == [("server.threads", 4), ("server.threads", 2)]
    assert store_at(tmp_path).get("server.threads") == 8
    assert store.get("nothing.here", "x") == "x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server.port", "8000"),
        ("server.port", 0),
        ("server.port", True),
        ("server.port", 8000.0),
        ("server.keep_serving", 1),
        ("appearance.theme", "pink"),
        ("nothing.here", 1),
    ],
)
def test_st_02_wrong_values_are_refused(qtbot: Any, tmp_path: Path, name: str, value: Any) -> None:
    """ST-02: the message names the option."""
    store = store_at(tmp_path)
    with pytest.raises(OptionError, match=name):
        store.set(name, value)


def test_st_03_broken_file_is_set_aside_and_nothing_lost(qtbot: Any, tmp_path: Path) -> None:
    """ST-03: notice, defaults, the broken text kept under another name."""
    broken = '[server]\nport = = 1\nthreads = "'
    (tmp_path / "settings.toml").write_text(broken)
    store = store_at(tmp_path)
    assert store.get("server.port") == 8000
    assert len(store.problems) == 1
    copies = list(tmp_path.glob("settings.broken-*.toml"))
    assert [copy.read_text() for copy in copies] == [broken]
    assert copies[0].name in store.problems[0]
    assert (tmp_path / "settings.toml").read_text() == broken  # only a change overwrites it


@pytest.mark.parametrize(
    "text", ["server = 5\n", "[server]\nport = 'x'\nthreads = 4\n", "\x00", "[a]\n[a]\n"]
)
def test_st_03_wrong_values_in_the_file_are_set_aside_too(qtbot: Any, tmp_path: Path, text: str) -> None:
    """ST-03"""
    (tmp_path / "settings.toml").write_text(text)
    store = store_at(tmp_path)
    assert store.problems
    assert store.get("server.port") == 8000
    store.set("general.close_quits", True)
    store.flush()
    assert any(copy.read_text() == text for copy in tmp_path.glob("settings.broken-*.toml"))
    again = store_at(tmp_path)
    assert again.problems == []
    assert again.get("general.close_quits") is True
    assert again.get("server.threads") == (4 if "threads" in text else 8)


def test_st_03_written_in_the_background_once_for_many_changes(qtbot: Any, tmp_path: Path) -> None:
    """ST-03: debounced, atomic; edits by hand and by a second window stay, and are told."""
    path = tmp_path / "settings.toml"
    store = store_at(tmp_path)
    for port in range(8001, 8100):
        store.set("server.port", port)
    assert not path.exists()
    path.write_text("[server]\nthreads = 3\n[future]\nnew = [1, 'a']\n[future.deep]\nwhen = 2026-11-21\n")
    with qtbot.waitSignal(store.changed, timeout=5000) as changed:
        pass
    assert changed.args == ["server.threads", 3]
    document = tomllib.loads(path.read_text("utf-8"))
    assert document["server"] == {"threads": 3, "port": 8099}
    assert document["future"]["new"] == [1, "a"]
    assert str(document["future"]["deep"]["when"]) == "2026-11-21"


def test_st_03_a_file_in_the_way_of_the_folder_is_told(qtbot: Any, tmp_path: Path) -> None:
    """ST-03: a failed write is a notice; the value stays in effect and is written later."""
    (tmp_path / "config").write_text("in the way")
    store = store_at(tmp_path / "config")
    with qtbot.waitSignal(store.problem, timeout=5000) as problem:
        store.set("server.port", 8001)
    assert "settings.toml" in problem.args[0]
    assert store.get("server.port") == 8001
    (tmp_path / "config").unlink()
    store.flush()
    assert store_at(tmp_path / "config").get("server.port") == 8001


keys = st.text(min_size=1, max_size=8)
scalars = st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20) | st.dates()
scalars = scalars | st.floats(allow_nan=False)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(keys, values, max_size=4))
def test_st_03_whatever_else_is_in_the_file_survives_a_write(document: dict[str, Any]) -> None:
    """ST-03: tables and values of other versions, whatever their names."""
    for section in {option.section for option in OPTIONS}:
        document.pop(section, None)
    text = write_document(document)
    known = {option.section: {} for option in OPTIONS}
    assert tomllib.loads(text) == {**known, **document}


def test_server_settings_go_round(qtbot: Any, tmp_path: Path) -> None:
    """ST-02: what the supervisor accepted is what the next start gets."""
    store = store_at(tmp_path)
    first = server_settings(store)
    assert first.site_folder == default_site_folder()
    changed = replace(first, port=8001, threads=3, keep_serving=True, site_folder=tmp_path / "site")
    keep_server_settings(store, changed)
    store.flush()
    assert server_settings(store_at(tmp_path)) == changed


def test_config_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """ST-03: HADRON_CONFIG_DIR, for tests and portable use."""
    monkeypatch.setenv("HADRON_CONFIG_DIR", str(tmp_path))
    assert config_folder() == tmp_path
    monkeypatch.delenv("HADRON_CONFIG_DIR")
    assert config_folder().name == "Hadron"


def test_sh_01_window_state_is_kept_apart_and_can_be_reset(qtbot: Any, tmp_path: Path) -> None:
    """SH-01, ST-10"""
    state = WindowState(tmp_path)
    state.save("geometry", b"\x00\xffabc")
    state.save_text("panel", "overview")
    state.flush()
    again = WindowState(tmp_path)
    assert again.load("geometry") == QByteArray(b"\x00\xffabc")
    assert again.load_text("panel") == "overview"
    again.forget(is_layout)
    assert again.load("geometry") is None
    assert again.load_text("panel") == "overview"
    assert not (tmp_path / "settings.toml").exists()


def test_st_02_what_the_command_line_forces_is_not_kept(qtbot: Any, tmp_path: Path) -> None:
    """CLI-52: another choice of the person does not write the forced port into the file."""
    store = store_at(tmp_path)
    store.force("server.port", 8123, "command line")
    keep_server_settings(store, replace(server_settings(store), threads=7))
    store.flush()
    text = (tmp_path / "settings.toml").read_text("utf-8")
    assert "threads = 7" in text
    assert "8123" not in text


def test_st_10_safe_settings_count_for_one_run_and_are_not_kept(qtbot: Any, tmp_path: Path) -> None:
    """ST-10: everything as it comes, but the site folder; nothing begins by itself; the file stays as it is."""
    store = store_at(tmp_path)
    store.set("appearance.zoom", 250)
    store.set("server.site_folder", "/srv/site")
    store.set("server.start_with_window", True)
    store.set("server.embedded", True)
    store.flush()
    before = (tmp_path / "settings.toml").read_text("utf-8")
    safe = store_at(tmp_path)
    take_options(safe, Options(config=build_config({"port": "8123"}), given=frozenset({"port"}), safe=True))
    assert safe.get("appearance.zoom") == 100
    assert safe.source("appearance.zoom") == "safe start"
    assert safe.get("server.site_folder") == "/srv/site"
    assert safe.get("server.port") == 8123
    for name in ("server.start_with_window", "server.embedded", "workers.start_with_server"):
        assert safe.get(name) is False
    assert safe.get("general.check_applications") is False
    keep_server_settings(safe, server_settings(safe))
    safe.flush()
    assert (tmp_path / "settings.toml").read_text("utf-8") == before
    assert store_at(tmp_path).get("appearance.zoom") == 250
