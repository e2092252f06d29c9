"""What every panel is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.background import Tasks
from desktop.theme import Theme

from .actions import Actions
from .links import Links
from .notices import Notices
from .preferences import Layout, Preferences
from .scope import Scope
from .supervisor import Supervisor
from .system_notices import SystemNotices

if TYPE_CHECKING:
    from desktop.processes.workers import Workers

    from .window import MainWindow


@dataclass(frozen=True)
class PanelContext:
    """The shared parts.

    Attributes:
        theme, actions, notices, tasks, preferences, layout, supervisor, window, system_notices: as named.
        links: opens what other panels show.
        scope: the application that the person looks at.
        open_address: opens an address in the browser; False when nothing could.
        workers: the workers of all applications, and the way to their schedulers.
    """

    theme: Theme
    actions: Actions
    notices: Notices
    tasks: Tasks
    preferences: Preferences
    layout: Layout
    supervisor: Supervisor
    window: MainWindow
    links: Links
    scope: Scope
    system_notices: SystemNotices
    open_address: Callable[[str], bool]
    workers: Workers
