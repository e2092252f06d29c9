"""Links between panels, Back and Forward, the scope of the window (SH-02, SH-11)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from desktop.shell.history import History
from desktop.shell.links import Links
from desktop.shell.preferences import MemoryLayout
from desktop.shell.scope import Scope


class Panels:
    """Stands for the window: remembers which panel is shown and tells the history."""

    def __init__(self) -> None:
        self.shown = "overview"
        self.links = Links()
        self.history = History(self.links, self.show, lambda: self.shown)
        self.opened: list[dict[str, object]] = []
        self.links.register("ticket", self.open_ticket)
        self.history.visit("overview")

    def show(self, panel: str) -> None:
        self.shown = panel
        self.history.visit(panel)

    def open_ticket(self, **data: object) -> None:
        self.show("tickets")
        self.opened.append(data)


def test_sh_11_back_follows_the_link_again(qapp) -> None:
    """SH-11: a followed link is one place, not two; Back returns to it, Forward too."""
    it = Panels()
    it.links.open("ticket", application="shop", ticket="1")
    it.links.open("ticket", application="shop", ticket="2")
    it.show("cache")
    it.history.back()
    assert (it.shown, it.opened[-1]) == ("tickets", {"application": "shop", "ticket": "2"})
    it.history.back()
    assert it.opened[-1] == {"application": "shop", "ticket": "1"}
    it.history.back()
    assert it.shown == "overview"
    assert not it.history.can_go_back
    it.history.forward()
    assert it.opened[-1] == {"application": "shop", "ticket": "1"}
    it.show("settings")
    assert not it.history.can_go_forward, "what was ahead is forgotten when another way is taken"


def test_links_refuse_what_nobody_can_open(qapp) -> None:
    links = Links()
    assert not links.open("file", path="/x")
    with pytest.raises(ValueError, match="no kind of link"):
        links.register("nothing", print)
    with pytest.raises(ValueError, match="has no rows"):
        links.open("ticket", rows=1)


def test_sh_02_scope_is_kept_and_forgets_what_is_gone(qapp) -> None:
    """SH-02: kept between starts; an application that is not there any more means all."""
    layout = MemoryLayout({"scope": "shop"})
    scope = Scope(layout)
    assert scope.application == "shop"
    scope.show_applications(("lab", "shop"))
    assert scope.application == "shop"
    scope.show_applications(("lab",))
    assert scope.application == ""
    assert layout.load_text("scope") == ""


def test_sh_02_header_switches_all_panels(desk_maker, tmp_path, qtbot) -> None:
    """SH-02: the header offers the site's applications; tickets and translations follow."""
    for name in ("lab", "shop"):
        (tmp_path / "applications" / name / "controllers").mkdir(parents=True)
    ui = desk_maker()
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=tmp_path)
    ui.desk.complete()
    qtbot.waitUntil(lambda: ui.desk.scope.applications == ("lab", "shop"))
    ui.window.header.scope.chosen.emit("lab")
    assert ui.desk.parts["tickets"].panel._filter.application == "lab"
    session = ui.desk.parts["translations"].panel.session
    ui.window.show_panel("translations")
    qtbot.waitUntil(lambda: session.application is not None and session.application.name == "lab")
    qtbot.keyClick(ui.window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert ui.window.current_panel() == "overview"
