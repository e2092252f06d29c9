"""No screen is needed: the platform is chosen before Qt is imported."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

sys.path.insert(0, str(Path(__file__).parent))  # the doubles in fakes.py

from fakes import FakeSupervisor, FakeTray

from desktop.desk import Desk
from desktop.panels import catalog
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The platform without a screen says what it cannot do; that is no fault of the window."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts of a test, and what it lets start at the log-in, stay in its own folder."""
    monkeypatch.setenv("HADRON_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


@pytest.fixture(autouse=True)
def no_key_is_held(qapp: QApplication) -> None:
    """Qt remembers the modifiers of the last event: Ctrl of an earlier test would widen a selection here."""
    if QApplication.keyboardModifiers():
        QTest.keyRelease(QWidget(), Qt.Key.Key_Control)


PATIENCE = 60_000  # milliseconds; a bound against hanging, not an expectation


@pytest.fixture
def qtbot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QtBot:
    """pytest-qt's, whose waits are as long as a busy computer needs, whatever a test asks for.

    What is awaited comes, so a test is not slower for it, only its failure is.
    """
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        monkeypatch.setattr(qtbot, name, _patient(getattr(qtbot, name)))
    return qtbot


def _patient(wait: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(wait)
    def patient(*arguments: Any, timeout: int = PATIENCE, **options: Any) -> Any:
        return wait(*arguments, timeout=max(timeout, PATIENCE), **options)

    return patient


@pytest.fixture(scope="session")
def shared_theme(qapp: QApplication) -> Theme:
    """One look for all tests, as one application has one."""
    return Theme(qapp)


@pytest.fixture
def theme(shared_theme: Theme) -> Iterator[Theme]:
    """The look of the application, light, at 100 %."""
    shared_theme.set_scheme("light")
    shared_theme.set_zoom(1.0)
    shared_theme.set_density("comfortable")
    shared_theme.set_contrast("system")
    return shared_theme


@pytest.fixture
def desk_maker(qtbot, theme, monkeypatch, request):
    """Makes a window around doubles: ``make(tray=None, options={}, texts={}, supervisor=None)``.

    Panels that the first paint does not wait for are made by ``ui.complete("tickets", "logs")``: those that the
    test is about, since each takes its time; or all, without a name. ``@pytest.mark.panels("logs")`` adds others.
    """
    others = [id for mark in request.node.iter_markers("panels") for id in mark.args]
    made: list[Desk] = []

    def make(tray=None, options=None, texts=None, supervisor=None) -> SimpleNamespace:
        tray = tray or FakeTray()
        supervisor = supervisor or FakeSupervisor()
        opened: list[str] = []

        def open_address(url: str) -> bool:
            opened.append(url)
            return True

        layout = MemoryLayout(texts)
        values = {
            "appearance.theme": "light",
            "general.check_applications": False,
            "general.first_run_done": True,
            **(options or {}),
        }
        preferences = MemoryPreferences(values)
        desk = Desk(theme, preferences, layout, supervisor, lambda _theme, _actions: tray, open_address)
        made.append(desk)
        desk.window.resize(1280, 800)
        desk.window.show()
        qtbot.waitExposed(desk.window)

        def complete(*ids: str) -> None:
            with monkeypatch.context() as patch:
                if ids:
                    wanted = {*ids, *others}
                    specs = tuple(spec for spec in catalog.PANELS if spec.id in wanted)
                    patch.setattr(catalog, "PANELS", specs)
                desk.complete()

        return SimpleNamespace(
            complete=complete,
            desk=desk,
            window=desk.window,
            overview=desk.overview,
            card=desk.overview.card,
            supervisor=supervisor,
            tray=tray,
            preferences=preferences,
            layout=layout,
            opened=opened,
        )

    yield make
    for desk in made:
        desk.close()
        shiboken6.delete(desk)  # here, and not by a collection of garbage in some thread


@pytest.fixture
def ui(desk_maker):
    """A window with a stopped server and a tray."""
    return desk_maker()
