"""The panel Cache as a person uses it: stores of a site, the commands of its server, journey 7."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace

import pytest
from data_site import CacheServer, fill_caches, lines_of, make_sessions, make_site
from fakes import FakeSupervisor
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.processes.state import Phase
from desktop.shell.questions import Question
from runtime.cache import CacheInRam, CacheOnDisk
from runtime.cache import memcache as memcache_module
from runtime.cache import ram as ram_module
from runtime.cache import redis_cache as redis_module
from runtime.foundation.storage import Storage

RAM = {
    "page:/shop/index": "<script>alert(1)</script>", "menu:it": ["Casa", "Negozio"], "menu:en": ["Home", "Shop"],
    "big": "x" * 200_000,
}  # fmt: skip
DISK = {"rates": {"usd": 1.09, "password": "hush"}, "thumb:1": b"\x89PNG\r\n"}


class Ui:
    """The window with the panel, over a site with one shop."""

    def __init__(self, made, qtbot, site, server) -> None:
        self.desk, self.window, self.supervisor = made.desk, made.window, made.supervisor
        self.part = made.desk.parts["cache"]
        self.panel, self.caches = self.part.panel, self.part.caches
        self.qtbot, self.site, self.server = qtbot, site, server

    def until(self, ready) -> None:
        self.qtbot.waitUntil(ready, timeout=10000)

    def refresh(self) -> None:
        with self.qtbot.waitSignal(self.caches.changed, timeout=10000):
            self.panel.refresh()

    def names(self) -> set[str]:
        return {key.key for key in self.panel.model.rows()}

    def choose(self, name: str) -> None:
        at = next(at for at, key in enumerate(self.panel.model.rows()) if key.key == name)
        self.panel.table.choose(at)

    def shown(self) -> str:
        return self.panel.detail.value.text.toPlainText()

    def question(self) -> Question:
        return self.panel.findChildren(Question)[-1]

    def stored(self) -> set[str]:
        who = Storage(application="shop", folder=str(self.site / "applications" / "shop"))
        return set(CacheInRam(who).store.names()) | set(CacheOnDisk(who).keys())


@pytest.fixture
def make_ui(desk_maker, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})
    monkeypatch.setattr(redis_module, "_connections", {})
    monkeypatch.setattr(memcache_module, "_clients", {})

    def make(ram=RAM, disk=DISK) -> Ui:
        make_site(tmp_path)
        fill_caches(tmp_path, ram, disk)
        supervisor = FakeSupervisor(Phase.SERVING)
        supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
        made = desk_maker(supervisor=supervisor, texts={"scope": "shop", "cache.refresh": "0"})
        made.complete("cache")
        server = CacheServer(tmp_path)
        made.desk.parts["cache"].caches._server = server
        ui = Ui(made, qtbot, tmp_path, server)
        with qtbot.waitSignal(ui.caches.changed, timeout=10000):
            ui.window.show_panel("cache")
        return ui

    return make


@pytest.fixture
def ui(make_ui):
    return make_ui()


def test_cards_and_keys_of_all_stores(ui):
    """UI-CA-01, UI-CA-02: a card for each store, with figures; keys of all stores in one list."""
    assert ui.names() == {*RAM, *DISK}
    ram, disk = ui.panel.cards.card("ram"), ui.panel.cards.card("disk")
    assert ram.figures[0].figure().value == "4"
    assert ram.figures[1].figure().value.startswith("~"), "sizes in memory are estimates"
    assert not disk.figures[1].figure().value.startswith("~")
    assert ram.title.whole().startswith("process ")
    assert ui.panel.cards.card("redis").words.text() == "Not used here"
    assert ui.panel.count.whole() == "6 keys"


def test_values_are_shown_in_their_forms_and_never_run(ui):
    """UI-CA-05, issue 9 bad input: HTML stays text; JSON, Python, hex; secrets hidden; long values cut with Load all."""
    ui.choose("page:/shop/index")
    ui.until(lambda: ui.shown() == "<script>alert(1)</script>")
    ui.panel.detail.value.show_form("hex")
    assert ui.shown().startswith("00000000  3c 73 63 72")
    ui.choose("rates")
    ui.until(lambda: ("usd", "1.09", "float") in lines_of(ui.panel.detail.value.tree.tree))
    assert ("password", "[hidden]", "hidden") in lines_of(ui.panel.detail.value.tree.tree)
    ui.panel.detail.value.show_form("text")
    ui.until(lambda: '"usd": 1.09' in ui.shown())
    assert "hush" not in ui.shown()
    ui.choose("big")
    ui.panel.detail.value.show_form("text")
    ui.until(lambda: len(ui.shown().replace("\n", "")) == 65536)
    assert ui.panel.detail.value.cut_words.whole() == "First 66 kB of 200 kB"
    ui.qtbot.mouseClick(ui.panel.detail.value.load_all, Qt.MouseButton.LeftButton)
    ui.until(lambda: len(ui.shown().replace("\n", "")) == 200_000)


def test_a_filter_narrows_and_a_wrong_one_is_explained(ui):
    """UI-CA-03: while typing, with count and time; a wrong pattern is told at the field and changes nothing."""
    ui.qtbot.keyClicks(ui.panel.filter, "menu")
    ui.until(lambda: ui.names() == {"menu:it", "menu:en"})
    assert ui.panel.count.whole().startswith("2 of 6")
    ui.panel.filter.setText("/[/")
    ui.until(lambda: ui.panel.filter.property("invalid") is True)
    assert "can't be used" in ui.panel.filter.toolTip()
    assert ui.names() == {"menu:it", "menu:en"}
    ui.panel.filter.setText("zzz")
    ui.until(lambda: ui.panel.state() == "none match")


def test_nothing_is_deleted_before_editing_is_on(ui):
    """UI-CA-06: deleting needs Editing on, and asks with number and size; Cancel deletes nothing."""
    ui.choose("menu:it")
    assert not ui.panel.delete.isEnabled()
    ui.panel.commands.delete_selected()
    assert ui.panel.findChild(Question) is None
    ui.panel.bar.editing.set_on(True)
    ui.panel.filter.setText("menu")
    ui.until(lambda: len(ui.names()) == 2)
    ui.qtbot.mouseClick(ui.panel.delete, Qt.MouseButton.LeftButton)
    assert ui.question().buttons["delete"].text() == "Delete 2 keys"
    ui.question().answer("stay")
    assert ui.stored() == {*RAM, *DISK}
    ui.panel.commands.delete_matching()
    ui.question().answer("delete")
    ui.until(lambda: ui.stored() == {"page:/shop/index", "big", *DISK})
    ui.until(lambda: ui.panel.model.rowCount() == 0)


def test_a_branch_and_a_store_are_deleted(ui):
    """UI-CA-04, UI-CA-06: a branch of the tree, then a whole store."""
    ui.panel.bar.editing.set_on(True)
    ui.panel.form._choose(1)
    at = next(at for at, line in enumerate(ui.panel.lines.lines) if line.text == "menu:")
    ui.panel.tree.setCurrentIndex(ui.panel.lines.index(at))
    assert len(ui.panel.selected_keys()) == 2
    ui.panel.commands.delete_selected()
    ui.question().answer("delete")
    ui.until(lambda: ui.stored() == {"page:/shop/index", "big", *DISK})
    ui.panel.commands.ask_clear("disk")
    assert ui.question().buttons["delete"].text() == "Clear disk of shop"
    ui.question().answer("delete")
    ui.until(lambda: ui.stored() == {"page:/shop/index", "big"})


def test_a_stopped_server_leaves_the_disk_readable(ui):
    """UI-CA-09: the RAM card says why and offers to start; keys and values on disk can still be read."""
    ui.server.stopped = True
    ui.refresh()
    assert ui.names() == set(DISK)
    card = ui.panel.cards.card("ram")
    assert "lives in the server, which is stopped" in card.words.text().lower()
    ui.qtbot.mouseClick(card.start, Qt.MouseButton.LeftButton)
    assert "start" in ui.supervisor.asked
    ui.choose("rates")
    ui.until(lambda: ("usd", "1.09", "float") in lines_of(ui.panel.detail.value.tree.tree))


def test_unreadable_values_are_listed_and_can_be_deleted(ui):
    """UI-CA-15: shown as such with the raw size; deletable."""
    store = CacheOnDisk(Storage(folder=str(ui.site / "applications" / "shop")))
    store._with(lambda c: c.execute("INSERT INTO entry VALUES ('bad\x1b[31m', 0, ?)", (b"no pickle",)))
    ui.refresh()
    ui.choose("bad\x1b[31m")
    ui.until(lambda: "9 bytes, not readable" in ui.shown())
    at = ui.panel.model.place(("shop", "disk", "bad\x1b[31m"))
    assert "\x1b" not in ui.panel.model.index(at, 0).data(), "control characters are harmless"
    assert ui.panel.model.index(at, 3).data() == "unreadable"
    ui.panel.bar.editing.set_on(True)
    ui.panel.commands.delete_selected()
    ui.question().answer("delete")
    ui.until(lambda: "bad\x1b[31m" not in ui.stored())


def test_refresh_reads_keys_again_only_where_something_changed(ui):
    """UI-CA-08: live, at small cost; selection stays; growth since the panel was opened."""
    ui.choose("menu:it")
    ui.server.asked.clear()
    with ui.qtbot.waitSignal(ui.caches.changed, timeout=10000):
        ui.caches.refresh()
    assert "cache_rows" not in ui.server.asked
    who = Storage(application="shop", folder="")
    CacheInRam(who)("later", lambda: "y" * 5000)
    with ui.qtbot.waitSignal(ui.caches.changed, timeout=10000):
        ui.caches.refresh()
    assert "later" in ui.names()
    assert [key.key for key in ui.panel.table.selected_keys()] == ["menu:it"]
    ui.panel.order_by("growth", True)
    assert ui.panel.model.row(0).key == "later"
    ui.panel.bar.refresh.set_value("2")
    ui.panel._on_refresh("2")
    assert ui.caches.timer.isActive()
    ui.window.show_panel("overview")
    assert not ui.caches.timer.isActive(), "paused while hidden"


def test_copies_and_export(ui, tmp_path):
    """UI-CA-13: key, value, value as Python; all that match as JSON."""
    ui.choose("menu:it")
    ui.until(lambda: ("0", '"Casa"', "str") in lines_of(ui.panel.detail.value.tree.tree))
    ui.panel.commands.copy_names()
    assert QGuiApplication.clipboard().text() == "menu:it"
    ui.panel.commands.copy_value("python")
    assert QGuiApplication.clipboard().text() == "['Casa', 'Negozio']"
    path = tmp_path / "keys.json"
    ui.panel.commands.export(ui.panel.shown_keys(), path)
    ui.until(path.exists)
    found = {one["key"]: one for one in json.loads(path.read_text())}
    assert found["menu:it"]["value"] == ["Casa", "Negozio"]
    assert found["thumb:1"]["base64"] == "iVBORw0K"


def test_the_disk_is_looked_at_before_it_is_compacted(ui):
    """UI-CA-14: a dry run first: what would go and what comes back; then compacting."""
    folder = ui.site / "applications" / "shop" / "cache"
    (folder / "leftover.tmp").write_text("x" * 100)
    os.utime(folder / "leftover.tmp", (0, 0))
    ui.panel.commands.open_disk()
    ui.until(lambda: bool(ui.panel.findChildren(Question)))
    assert "compact" not in ui.question().buttons, "needs Editing on"
    assert "1 file" in ui.question().accessibleDescription()
    ui.question().answer("stay")
    ui.panel.bar.editing.set_on(True)
    ui.panel.commands.open_disk()
    ui.until(lambda: "compact" in ui.question().buttons)
    ui.question().answer("compact")
    ui.until(lambda: not (folder / "leftover.tmp").exists())
    assert set(DISK) <= ui.stored()


def test_an_empty_cache_explains_itself(make_ui):
    """UI-CA-16: how an application uses the cache, with a link."""
    ui = make_ui(ram={}, disk={})
    assert ui.panel.state() == "none yet"
    assert "cache.ram(" in ui.panel.empty.words.text()
    ui.qtbot.mouseClick(ui.panel.guide, Qt.MouseButton.LeftButton)
    assert "RedisCache" in ui.desk.notices.all()[0].text


def test_a_link_opens_a_key(ui):
    """UI-CA-02, section 12.1: a key can be opened from wherever it is named."""
    ui.window.show_panel("overview")
    assert ui.desk.links.open("key", store="disk", key="rates", application="shop")
    ui.until(lambda: ui.panel.detail.name.whole() == "rates")
    assert ui.window.current_panel() == "cache"


def test_journey_7_a_hundred_thousand_keys(make_ui):
    """Journey 7: 100 000 keys, filter by regex, delete 312 matching after the number was shown, the hit ratio moves."""
    ui = make_ui(ram={}, disk={})
    store = ram_module.ram_store("shop")
    stored = time.monotonic()
    store.entries.update(
        (f"page:/shop/thing/{at}", ram_module.Entry(stored, at, 80)) for at in range(100_000)
    )
    store.statistics.misses = 100_000
    ui.refresh()
    assert ui.panel.row_count() == 100_000
    ui.panel.bar.editing.set_on(True)
    ui.panel.filter.setText("/thing.(99[0-2][0-9]{2}|1000[0-9]|1010)$/")
    ui.until(lambda: ui.panel.row_count() < 1000)
    count = ui.panel.row_count()
    assert count == 311
    ui.panel.commands.delete_matching()
    assert ui.question().buttons["delete"].text() == f"Delete {count} keys"
    ui.question().answer("delete")
    ui.until(lambda: ui.panel.row_count() == 0)
    assert len(ui.stored()) == 100_000 - count
    before = ui.panel.caches.snapshot.stores[0].ratio()
    model = CacheInRam(Storage(application="shop", folder=""))
    for _ in range(2_000):
        model("page:/shop/thing/5", lambda: 5)
    ui.refresh()
    assert ui.panel.caches.snapshot.stores[0].ratio() > (before or 0)
    assert ui.panel.cards.card("ram").figures[2].figure().value == "2"


def test_sessions_are_listed_shown_and_ended(ui):
    """DESK-17, SESS-19: list with age and size; a read-only value without secrets; one ended, then all."""
    ids = make_sessions(ui.site, count=4)
    with ui.qtbot.waitSignal(ui.caches.sessions_changed, timeout=15000):
        ui.panel.show_page("sessions")
    page = ui.panel.sessions
    assert {one.id for one in page.model.sessions} == set(ids)
    page.table.selectRow(0)
    ui.until(lambda: ("password", "[hidden]", "hidden") in lines_of(page.detail.value.tree.tree))
    assert "user" in {key for key, _, _ in lines_of(page.detail.value.tree.tree)}
    assert not page.end.isEnabled()
    ui.panel.bar.editing.set_on(True)
    page.end.click()
    question = page.findChildren(Question)[-1]
    assert "1 visitor will be logged out" in question.accessibleDescription()
    question.answer("end")
    ui.until(lambda: len(page.model.sessions) == 3)
    page.end_all.click()
    page.findChildren(Question)[-1].answer("end")
    ui.until(lambda: len(page.model.sessions) == 0)
    assert not list((ui.site / "applications" / "shop" / "sessions").rglob("192*"))
