"""The tray icon on a real screen: shown, clicked, its menu by keyboard; hiding, explaining, leaving."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import Program, need, wait_for

# Keys and clicks go through a window manager and a tray that have their own pace: a second try counts.
pytestmark = [pytest.mark.xvfb, pytest.mark.server, pytest.mark.timeout(300), pytest.mark.flaky(reruns=2)]

TOOLS = ("trayer", "xdotool", "import")
LEFT, RIGHT = "1", "3"
PAUSE = 0.6  # seconds: two clicks are no double click
FRAME = 0.6  # seconds, a little more than the icon of a changing state takes from one picture to the next


class TrayBar:
    """A panel with a notification area, below on the screen."""

    def __init__(self, program: Program) -> None:
        self.program, self.environment = program, program.environment
        self.process = subprocess.Popen(
            ["trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "28",
             "--SetPartialStrut", "true", "--expand", "false"],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_for(self._window, 60, "the panel")

    def _ask(self, *command: str) -> str:
        answer = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=10
        )
        return answer.stdout

    def _window(self) -> str:
        found = self._ask("xdotool", "search", "--class", "trayer").split()
        return found[-1] if found else ""  # the first one only leads the group

    def _place(self) -> dict[str, int]:
        lines = self._ask("xdotool", "getwindowgeometry", "--shell", self._window()).splitlines()
        return {name: int(value) for name, _, value in (line.partition("=") for line in lines)}

    def has_icon(self) -> bool:
        """The panel is as wide as its icons; without any it has hardly a width."""
        return self._place().get("WIDTH", 0) >= 20

    def click(self, button: str) -> None:
        place = self._place()
        x, y = place["X"] + place["WIDTH"] // 2, place["Y"] + place["HEIGHT"] // 2
        self._ask("xdotool", "mousemove", str(x), str(y), "click", button)

    def picture(self) -> bytes:
        """The pixels of the panel."""
        place = self._place()
        area = f"{place['WIDTH']}x{place['HEIGHT']}+{place['X']}+{place['Y']}"
        return self.program.pixels("root", "-crop", area)

    def is_steady(self) -> bool:
        """The picture stays as it is for longer than the frames of a state that changes do."""
        first = self.picture()
        for _ in range(4):
            time.sleep(FRAME / 2)
            if self.picture() != first:
                return False
        return True

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def bar(program: Program) -> Iterator[TrayBar]:
    for tool in TOOLS:
        need(shutil.which(tool), f"{tool} is not installed")
    shown = TrayBar(program)
    try:
        yield shown
    finally:
        program.end()
        shown.end()


@pytest.fixture
def running(program: Program, bar: TrayBar) -> Program:
    """The program with its window and its icon on the screen."""
    program.start()
    program.wait_for_window()
    wait_for(bar.has_icon, 60, "the icon in the tray")
    return program


def choose(program: Program, bar: TrayBar, *keys: str) -> None:
    """Open the icon's menu and press keys in it, each when the one before has moved the choice."""
    before = program.all_windows()
    bar.click(RIGHT)
    (menu,) = wait_for(lambda: program.all_windows() - before, 60, "the menu")
    shown = program.wait_until_steady(menu)  # a menu that is still being drawn has no keyboard yet
    for key in keys[:-1]:
        program.keys(key)
        shown = program.wait_until_steady(menu, shown)
    program.keys(keys[-1])
    wait_for(lambda: menu not in program.all_windows(), 60, "the menu to close")


def hidden(program: Program) -> bool:
    return not program.windows()


def shown(program: Program) -> bool:
    return len(program.windows()) == 1


def test_a_left_click_hides_and_shows_the_window(running, bar):
    """SH-03, SH-05: and the program goes on meanwhile."""
    bar.click(LEFT)
    wait_for(lambda: hidden(running), 60, "the window to hide")
    assert running.process.poll() is None
    time.sleep(PAUSE)
    bar.click(LEFT)
    wait_for(lambda: shown(running), 60, "the window to come back")


def test_the_menu_starts_and_stops_the_server_by_keyboard(running, bar):
    """SH-03, SH-04, DESK-06: the picture tells the state; the window may be hidden."""
    stopped = bar.picture()
    bar.click(LEFT)
    wait_for(lambda: hidden(running), 60, "the window to hide")
    choose(running, bar, "Down", "Down", "Return")  # the state's line, Start server
    wait_for(lambda: running.page()[0] == 200, 60, "the server")
    running.wait_until_ready()
    wait_for(bar.is_steady, 60, "the picture of a server that serves")
    assert bar.picture() != stopped
    running.screenshot("tray-serving.png")
    # from below: Quit, Settings, Show window, Errors, Restart server, Stop server; above them the pages of
    # applications appear as soon as these were read
    choose(running, bar, *["Up"] * 6, "Return")
    wait_for(running.port_is_free, 60, "the port to be free")
    wait_for(lambda: bar.picture() == stopped, 60, "the picture of a stopped server")
    assert hidden(running)


def test_the_first_close_explains_and_the_second_does_not(running, bar):
    """SH-05: close hides to the tray; said once."""
    running.keys("ctrl+w")
    running.wait_for_dialog("the explanation")
    running.screenshot("close-explained.png")
    running.keys("Return")  # Hide window
    wait_for(lambda: hidden(running), 60, "the window to hide")
    bar.click(LEFT)
    running.wait_for_window()
    running.keys("ctrl+w")
    wait_for(lambda: hidden(running), 60, "the window to hide at once")
    assert running.process.poll() is None


def test_quit_in_the_menu_leaves_nothing(running, bar):
    """SH-05, DESK-10: server, window and icon go; the exit is clean."""
    choose(running, bar, "Down", "Down", "Return")
    wait_for(lambda: running.page()[0] == 200, 60, "the server")
    running.wait_until_ready()
    wait_for(bar.is_steady, 60, "the picture of a server that serves")
    choose(running, bar, "Up", "Return")  # Quit Hadron is the last line
    assert running.process.wait(60) == 0, running.output()
    wait_for(
        lambda: not [p for p in running.children() if p.pid != bar.process.pid], 10, "all processes to end"
    )
    assert running.port_is_free()
    wait_for(lambda: not bar.has_icon(), 60, "the icon to go")


def test_without_a_tray_closing_asks(program: Program):
    """SH-06: never an invisible program; Escape stays, the other answer stops and quits."""
    program.start()
    program.wait_for_window()
    program.keys("ctrl+shift+space")
    wait_for(lambda: program.page()[0] == 200, 60, "the server")
    program.keys("ctrl+w")
    program.wait_for_dialog("the question")
    program.screenshot("no-tray.png")
    program.keys("Escape")
    wait_for(lambda: shown(program), 60, "the question to go")
    assert program.page()[0] == 200
    program.keys("ctrl+w")
    program.wait_for_dialog("the question again")
    program.keys("shift+Tab", "shift+Tab", "Return")  # Stay, Minimize, Stop and quit
    assert program.process.wait(60) == 0, program.output()
    wait_for(lambda: not program.children(), 60, "all processes to end")
    assert program.port_is_free()
