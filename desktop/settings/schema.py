"""The one table of the desktop's options (ST-02): it makes the settings page, the file and the checks.

Passwords are no options: see `desktop.secrets` (ST-05).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from desktop.processes.state import DEFAULT_ADDRESS, DEFAULT_PORT, DEFAULT_THREADS
from runtime.foundation.problems import UserError

Value = bool | int | str


class OptionError(UserError):
    """A value an option cannot have, or an option that does not exist."""


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        name: ``section.key``, as in the file.
        title: what the settings page calls it.
        default: its value when nothing is said; its type is the option's type.
        sentence: what it does, one sentence.
        choices: the only values it may have; empty for any.
        words: what the page calls each choice.
        least, most: bounds of a number.
        step: by how much its buttons change a number.
        empty: what the empty text stands for.
        restart: "server" when a running server learns of it only by a restart, else "".
        shown: on the settings page; False for what the window remembers by itself.
    """

    name: str
    title: str
    default: Value
    sentence: str
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    step: int = 1
    empty: str = ""
    restart: str = ""
    shown: bool = True

    @property
    def section(self) -> str:
        """The page of the settings, and the table of the file."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """The name within its section."""
        return self.name.partition(".")[2]

    def in_words(self, value: Value) -> str:
        """What the settings page calls `value`."""
        if self.choices:
            return self.words[self.choices.index(str(value))]
        return str(value) or self.empty

    def check(self, value: Any) -> Value:
        """Return `value` if the option may have it.

        Raises:
            OptionError: it may not; the text says what it may have.
        """
        if type(value) is not type(self.default):
            words = {bool: "true or false", int: "a whole number", str: "text"}
            raise OptionError(f"{self.name} is {value!r}, but must be {words[type(self.default)]}")
        if self.choices and value not in self.choices:
            raise OptionError(f"{self.name} is {value!r}, but must be one of: {', '.join(self.choices)}")
        if isinstance(value, int) and not self._within(value):
            raise OptionError(f"{self.name} is {value}, but must be from {self.least} to {self.most}")
        checked: Value = value
        return checked

    def _within(self, number: int) -> bool:
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)


OPTIONS: tuple[Option, ...] = (
    Option(
        "general.close_quits", "Closing the window quits", False,
        "Closing the window ends the program instead of hiding it in the tray.",
    ),
    Option(
        "general.check_applications", "Check applications when they change", True,
        "While the computer is idle, their models are run in a process with limits to see which do not load.",
    ),
    Option(
        "general.log_days", "Keep older logs for days", 0,
        "Logs that were put aside are removed after so many days; 0 leaves the last five of each.",
        least=0, most=3650,
    ),
    Option(
        "general.log_megabytes", "Keep older logs up to MB", 0,
        "The oldest logs that were put aside go when all logs together are larger; 0 for any size.",
        least=0, most=100_000, step=50,
    ),
    Option(
        "general.close_explained", "Closing was explained", False,
        "The first close has said that the program goes on in the tray.", shown=False,
    ),
    Option(
        "general.first_run_done", "First run is over", False,
        "The three steps of the first run were finished or skipped.", shown=False,
    ),
    Option(
        "general.keys", "Keys that were changed", "",
        "Keys that differ from those Hadron comes with, as {\"server.restart\": \"Ctrl+F5\"}.", shown=False,
    ),
    Option(
        "server.site_folder", "Site folder", "",
        "The folder with your applications; empty for the folder made for you.", restart="server",
        empty="the folder made for you",
    ),
    Option(
        "server.address", "Address", DEFAULT_ADDRESS,
        "127.0.0.1 serves this computer only; 0.0.0.0 everyone who can reach it.", restart="server",
    ),
    Option(
        "server.port", "Port", DEFAULT_PORT, "The number behind the colon in the address of your pages.",
        least=1, most=65535, restart="server",
    ),
    Option(
        "server.threads", "Threads", DEFAULT_THREADS, "So many requests are answered at the same time.",
        least=1, most=1000, restart="server",
    ),
    Option(
        "server.cron", "Crontabs of applications", "none",
        "Their jobs run each minute (hard), after a page was served (soft), or not at all.",
        choices=("none", "hard", "soft"), words=("Never", "Each minute", "After pages"), restart="server",
    ),
    Option(
        "server.start_with_window", "Start with the window", False,
        "The server starts when the program starts.",
    ),
    Option(
        "server.keep_serving", "Keep serving when I quit", False,
        "The server goes on after the program has ended, until it is stopped from here or a terminal.",
        restart="server",
    ),
    Option(
        "server.embedded", "Run the server inside this process", False,
        "A heavy request can then make the window stutter, and a crash takes the window along.",
        restart="server",
    ),
    Option(
        "appearance.theme", "Theme", "system", "Light, dark, or what the system uses.",
        choices=("system", "light", "dark"), words=("Like the system", "Light", "Dark"),
    ),
    Option(
        "appearance.density", "Density", "comfortable", "Heights of rows, buttons and fields, not of text.",
        choices=("comfortable", "compact"), words=("Comfortable", "Compact"),
    ),
    Option(
        "appearance.contrast", "Contrast", "system", "High contrast, or what the system uses.",
        choices=("system", "high"), words=("Like the system", "High"),
    ),
    Option(
        "appearance.zoom", "Text size", 100, "Size of all text, in percent.", least=50, most=300, step=10,
    ),
    Option(
        "editor.command", "Your editor", "",
        "How your own editor opens a file: code -g {file}:{line}. Empty looks for a known one.",
        empty="a known one",
    ),
    Option(
        "workers.start_with_server", "Start with the server", True,
        "As many scheduler workers as you chose for each application start when the server does.",
    ),
    Option(
        "workers.counts", "Workers of each application", "",
        "How many workers each application has, as app=number.", shown=False,
    ),
    Option("notices.server_ready", "Server ready", True, "Tells when the server is ready."),
    Option("notices.server_failed", "Server failed", True, "Tells when the server fails or keeps crashing."),
    Option("notices.server_restarted", "Server restarted", True, "Tells when it came back by itself."),
    Option("notices.new_errors", "New errors", True, "Tells when applications have a new kind of error."),
    Option("notices.worker_failed", "Worker failed", True, "Tells when a scheduler worker can't run."),
    Option(
        "notices.tasks_overdue", "Tasks overdue", True,
        "Tells when tasks wait and nobody takes them, or a worker does not answer; once an hour.",
    ),
    Option("notices.long_work", "Long work done", True, "Tells when work of over ten seconds is done."),
    Option("notices.disk_space", "Disk nearly full", True, "Tells when the disk runs full."),
)  # fmt: skip

BY_NAME: Mapping[str, Option] = MappingProxyType({option.name: option for option in OPTIONS})

SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(option.section for option in OPTIONS))


def option(name: str) -> Option:
    """The option called `name`.

    Raises:
        OptionError: there is none.
    """
    try:
        return BY_NAME[name]
    except KeyError:
        raise OptionError(f"there is no option {name!r}") from None
