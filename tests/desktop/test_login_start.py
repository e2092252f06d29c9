"""Starting with the log-in, as each system keeps it (UI-SH-15)."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.settings.login_start import (
    HIDDEN,
    SERVER,
    LinuxKeeper,
    LoginStart,
    LoginState,
    MacKeeper,
    WindowsKeeper,
    own_command,
)
from runtime.cli.parser import make_options, parse
from runtime.foundation.problems import UserError

COMMAND = ["/opt/my programs/hadron", "100%", 'a"b$c', "-m"]


class Registry:
    """The part of `winreg` that is used, in memory."""

    HKEY_CURRENT_USER, REG_SZ, KEY_SET_VALUE = "HKCU", 1, 2

    def __init__(self):
        self.keys = {}

    def OpenKey(self, _root, path, _reserved=0, _access=0):
        if path not in self.keys:
            raise FileNotFoundError(path)
        return self._key(path)

    def CreateKey(self, _root, path):
        self.keys.setdefault(path, {})
        return self._key(path)

    def _key(self, path):
        class Key(dict):
            def __enter__(key):
                return self.keys[path]

            def __exit__(key, *_):
                return None

        return Key()

    def QueryValueEx(self, key, name):
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], 1

    def SetValueEx(self, key, name, _reserved, _kind, value):
        key[name] = value

    def DeleteValue(self, key, name):
        if name not in key:
            raise FileNotFoundError(name)
        del key[name]


@pytest.fixture(params=["linux", "darwin", "win32"])
def system(request, tmp_path):
    """The keeper of each system, and how the system itself switches the entry off."""
    if request.param == "linux":
        path = tmp_path / "autostart" / "hadron.desktop"

        def off():
            path.write_text(path.read_text().replace("enabled=true", "enabled=false"))

        return SimpleNamespace(keeper=LinuxKeeper(path.parent), off=off, words=COMMAND)
    if request.param == "darwin":
        path = tmp_path / "LaunchAgents" / "org.hadron.desktop.plist"

        def off():
            path.write_text(path.read_text().replace("<true/>", "<false/>"))

        return SimpleNamespace(keeper=MacKeeper(path.parent), off=off, words=COMMAND)
    registry = Registry()

    def off():
        registry.CreateKey("HKCU", r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run")
        registry.keys[r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"]["Hadron"] = (
            b"\x03" + b"\0" * 11
        )

    words = [r"C:\Program Files\Hadron\hadron.exe"]
    return SimpleNamespace(keeper=WindowsKeeper(registry), off=off, words=words)


def test_sh_15_what_is_set_is_read_back(system):
    """SH-15: hidden, with the server or without; odd paths survive."""
    login = LoginStart(system.keeper, system.words)
    assert login.state() == LoginState()
    assert login.set(True, True) == LoginState(True, True)
    command, off = system.keeper.read()
    assert command == [*system.words, HIDDEN, SERVER]
    assert not off
    assert login.set(True, False) == LoginState(True, False)
    assert login.set(False, False) == LoginState()
    assert login.set(False, False) == LoginState()


def test_sh_15_switched_off_in_the_system_is_shown_so_and_can_be_switched_on(system):
    """SH-15: the true state, not what was asked for."""
    login = LoginStart(system.keeper, system.words)
    login.set(True, False)
    system.off()
    state = login.state()
    assert not state.on
    assert "Switched off in the system" in state.note
    assert login.set(True, False) == LoginState(True, False)


def test_sh_15_another_copy_is_named(system):
    LoginStart(system.keeper, ["/old/hadron"]).set(True, False)
    state = LoginStart(system.keeper, system.words).state()
    assert state.on
    assert "/old/hadron" in state.note


def test_sh_15_a_folder_that_can_not_be_written_says_so(tmp_path):
    (tmp_path / "autostart").write_text("a file")
    with pytest.raises(UserError, match="can't be changed"):
        LoginStart(LinuxKeeper(tmp_path / "autostart"), COMMAND).set(True, False)


def test_sh_15_windows_cuts_no_long_command():
    """SH-15: Windows starts nothing longer than 260 letters from there, and says nothing: we do."""
    registry = Registry()
    start = LoginStart(WindowsKeeper(registry), ["C:\\" + "deep\\" * 60 + "hadron.exe"])
    with pytest.raises(UserError, match="up to 260 letters"):
        start.set(True, False)
    assert registry.keys == {}


def test_sh_15_the_command_starts_this_program():
    """SH-15: with options that it knows."""
    given = parse([HIDDEN, SERVER])
    options = make_options(given, lambda _text: None)
    assert options.taskbar
    assert options.start_server
    done = subprocess.run(
        [*own_command(), "--version"],
        capture_output=True, text=True, timeout=120, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


# in the window


@pytest.fixture
def card(ui, qtbot):
    ui.window.show_panel("settings")
    card = ui.desk.settings.login
    qtbot.waitUntil(card.toggles["login"].isEnabled)
    return card


def test_sh_15_the_switches_show_what_the_system_has(card, qtbot, tmp_path, ui):
    """SH-15: also what another program changes meanwhile, once the page is seen again."""
    path = tmp_path / "xdg" / "autostart" / "hadron.desktop"
    login, server = card.toggles["login"], card.toggles["server"]
    assert not login.isChecked()
    assert not server.isEnabled()
    login.click()
    qtbot.waitUntil(path.is_file)
    qtbot.waitUntil(server.isEnabled)
    server.click()
    qtbot.waitUntil(lambda: SERVER in path.read_text())
    path.unlink()
    ui.window.show_panel("overview")
    ui.window.show_panel("settings")
    qtbot.waitUntil(lambda: not login.isChecked())
    assert not server.isChecked()


def test_sh_15_what_can_not_be_changed_is_said(card, qtbot, tmp_path):
    (tmp_path / "xdg").mkdir(exist_ok=True)
    (tmp_path / "xdg" / "autostart").write_text("a file")
    card.toggles["login"].click()
    qtbot.waitUntil(card.fault.isVisible)
    assert "can't be changed" in card.fault.words.text()


def test_sh_15_the_search_finds_it(card, ui):
    ui.desk.settings.search.setText("autostart")
    assert card.isVisible()
    assert ui.desk.settings.state() == "rows"
    ui.desk.settings.search.setText("threads")
    assert not card.isVisible()
