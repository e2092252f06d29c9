"""``hadron open ...``: what a start wants to see, and how the window shows it (SH-07, journey 9)."""

from pathlib import Path

import pytest

from desktop.wish import Wish, read_wish, wish_of_message
from runtime.foundation.problems import UserError

NUMBER = "127.0.0.1.2026-01-01.10-00-00.0d2b2e2c-6d1e-4f0e-8d2b-0c1d2e3f4a5b"


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    (folder / "applications" / "shop" / "controllers").mkdir(parents=True)
    (folder / "applications" / "shop" / "controllers" / "default.py").write_text(
        "def index():\n    return {}\n"
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "new.w2p").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    return folder


@pytest.mark.parametrize(
    ("what", "kind", "data"),
    [
        ("shop", "application", {"application": "shop"}),
        (NUMBER, "ticket", {"ticket": NUMBER}),
        ("shop/" + NUMBER, "ticket", {"ticket": "shop/" + NUMBER}),
        ("{site}/applications/shop", "application", {"application": "shop"}),
        ("{site}/applications/shop/controllers", "application", {"application": "shop"}),
        ("{site}/applications", "application", {"application": ""}),
        ("{site}", "application", {"application": ""}),
        ("{site}/../new.w2p", "pack", {"source": "{site}/../new.w2p"}),
        ("{site}/../other", "pack", {"source": "{site}/../other"}),
        ("{site}/../notes.txt", "file", {"path": "{site}/../notes.txt", "line": 0}),
        ("{site}/../notes.txt:12", "file", {"path": "{site}/../notes.txt", "line": 12}),
    ],
)
def test_sh_07_names_paths_packs_and_tickets_are_told_apart(site, what, kind, data):
    """SH-07: an application, a `.w2p` file, a folder; a file with its line and a ticket, too."""
    wish = read_wish(what.format(site=site), site)
    filled = {
        name: value.format(site=site) if isinstance(value, str) else value for name, value in data.items()
    }
    assert wish == Wish(kind, filled)
    assert wish_of_message({"protocol": 1, **wish.as_message()}) == wish


@pytest.mark.parametrize(
    "what", ["nothing", "shop/controllers", "{site}/applications/gone", "../applications/gone"]
)
def test_sh_07_what_does_not_exist_is_said(site, what):
    """SH-07, bad input"""
    with pytest.raises(UserError, match=r"there is no file or folder|has no application"):
        read_wish(what.format(site=site), site)


@pytest.mark.parametrize(
    "message",
    [
        {"command": "raise"},
        {"command": "open"},
        {"command": "open", "kind": "file", "data": {"path": "/x"}},
        {"command": "open", "kind": "file", "data": {"path": 5, "line": 1}},
        {"command": "open", "kind": "log", "data": {"time": 1.0, "source": ""}},
        {"command": "open", "kind": [], "data": {}},
    ],
)
def test_sh_07_nonsense_of_a_second_start_is_no_wish(message):
    """SH-07, bad input: the window comes forward, and that is all."""
    assert wish_of_message(message) is None


def test_sh_07_a_wish_waits_for_the_panels_and_is_fulfilled_once(ui):
    """SH-07, journey 9: the application is shown once its panel is there; a later wish at once."""
    opened = []
    ui.desk.links.register("application", lambda application: opened.append(application or "-"))
    ui.desk.fulfil(Wish("application", {"application": "shop"}))
    assert opened == []
    ui.complete("logs")
    assert opened == ["shop"]
    ui.desk.fulfil(Wish("application", {"application": "lab"}))
    assert opened == ["shop", "lab"]


def test_sh_07_a_pack_is_shown_before_it_is_installed(qtbot, ui, site):
    """SH-07, AP-04: the sheet opens with the pack's path, in the panel Applications."""
    from desktop.panels.applications.sheets import InstallSheet

    ui.complete("applications")
    source = str(Path(site).parent / "new.w2p")
    ui.desk.fulfil(Wish("pack", {"source": source}))
    sheet = ui.window.findChild(InstallSheet)
    assert sheet.source.text() == source
    assert ui.window.current_panel() == "applications"
    qtbot.waitUntil(lambda: not ui.desk.tasks.under_way())
    sheet.reject()
