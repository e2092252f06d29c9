"""In the child: runs the models of an application, once, and finds what they have made."""

from __future__ import annotations

import functools
import inspect
import os
import sys
import time
import traceback
from types import FrameType, TracebackType
from typing import Any, NoReturn

import pydal

from runtime import dal
from runtime.admin.inspector.harmless import is_unmade, leave_no_files
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.untouched import is_refused
from runtime.errors.safe_values import mask_text
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.scheduler.loading import ApplicationModels
from runtime.sessions import Session

_PRINTED_KEPT = 4000
_DETAIL_KEPT = 8000


class Application:
    """An application whose models have run in this process.

    Args:
        site: the site folder.
        name: of the application.
        controller: whose own models run too, alone or as ``controller/function``.

    Attributes:
        environment: the names after the models.
        problem: why the models did not run to their end; None when they did.
        printed: the beginning of what they printed.
        seconds: that they took.
        places: file and line of each `define_table`, by ids of database object and name of the table.
    """

    def __init__(self, site: str, name: str, controller: str = "default") -> None:
        self._models = ApplicationModels(site, name)
        self.name = name
        self._controller, _, self._function = controller.partition("/")
        self.folder = self._models.folder
        self.environment: dict[str, Any] = {}
        self.problem: InspectorProblem | None = None
        self.printed = ""
        self.seconds = 0.0
        self.places: dict[tuple[int, str], tuple[str, int]] = {}
        self.forked: tuple[str, int] | None = None
        self._made: list[Any] = []

    def load(self) -> None:
        """Run the models; what they raise becomes `problem`."""
        leave_no_files()
        self._watch_definitions()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._on_fork, after_in_child=lambda: _exit(0))
        printed, kept = _Printed(), (sys.stdout, sys.stderr)
        sys.stdout = sys.stderr = printed
        begun = time.monotonic()
        try:
            function = self._function or "index"
            self._models.begin(self._controller, function, role="is_shell", keep=self._keep)
        except (Exception, SystemExit, HTTP, KeyboardInterrupt) as error:
            self.problem = self._problem_of(error)
        finally:
            sys.stdout, sys.stderr = kept
            self.seconds = time.monotonic() - begun
            self.printed = mask_text(printed.text())
        if self.problem is None and self.forked is not None:
            file, line = self.forked
            self.problem = InspectorProblem(
                "fork", f"A model starts copies of its own process: {file}, line {line}. The copy was ended.",
                file=file, line=line,
            )  # fmt: skip

    def _keep(self, environment: dict[str, Any]) -> None:
        self.environment = environment

    def databases(self) -> dict[str, Any]:
        """Return the databases that the models have opened, by the name of their variable."""
        out: dict[str, Any] = {}
        seen: set[int] = set()
        for names in (self.environment, dict(current.__dict__)):
            for name, value in names.items():
                if isinstance(value, pydal.DAL) and id(value) not in seen and not name.startswith("__"):
                    seen.add(id(value))
                    out[name] = value
        for number, db in enumerate(one for one in self._made if id(one) not in seen):
            if getattr(db, "_adapter", None) is not None:
                out[f"database {number + 1}"] = db
        return out

    def database(self, name: str) -> Any:
        """Return a database.

        Raises:
            InspectorProblem: the models open none of that name.
        """
        found = self.databases().get(name)
        if found is None:
            if self.problem is not None:
                raise self.problem
            raise InspectorProblem("gone", f"The models of {self.name} open no database {name!r} (any more).")
        return found

    def table(self, database: str, table: str) -> Any:
        """Return a table.

        Raises:
            InspectorProblem: the models define none of that name.
        """
        db = self.database(database)
        if table not in db.tables:
            raise InspectorProblem("gone", f"The models define no table {table!r} in {database} (any more).")
        return db[table]

    def place_of(self, frame: FrameType | None) -> tuple[str, int]:
        """Return file and line of the innermost frame that belongs to the application."""
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(self.folder):
                return self._relative(file), frame.f_lineno
            frame = frame.f_back
        return "", 0

    def _relative(self, file: str) -> str:
        return os.path.relpath(file, self.folder).replace(os.sep, "/")

    def _on_fork(self) -> None:
        self.forked = self.place_of(sys._getframe(1))

    def _watch_definitions(self) -> None:
        """Note where tables are defined; change nothing in any database by looking at it."""
        application, original = self, pydal.DAL.__init__
        signature = inspect.signature(original)

        @functools.wraps(original)
        def open_database(db: Any, *args: Any, **kwargs: Any) -> None:
            given = signature.bind_partial(db, *args, **kwargs).arguments
            given.pop("self", None)
            given.update(migrate_enabled=False, fake_migrate_all=False, attempts=1)
            application._made.append(db)
            original(db, **given)

        pydal.DAL.__init__ = open_database

        def noting(define: Any) -> Any:
            @functools.wraps(define)
            def define_table(db: Any, tablename: Any, *args: Any, **kwargs: Any) -> Any:
                place = application.place_of(sys._getframe(1))
                if place[0]:
                    application.places[id(db), str(tablename)] = place
                return define(db, tablename, *args, **kwargs)

            return define_table

        setattr(dal.DAL, "define_table", noting(dal.DAL.define_table))
        self._watch_sessions()
        setattr(os, "_exit", self._told_exit)  # a model that ends the process is told of

    def _watch_sessions(self) -> None:
        """Note where the models keep sessions: outside of a request nothing else tells."""
        application, connect = self, Session.connect
        arguments = inspect.signature(connect)

        @functools.wraps(connect)
        def noted(session: Session, *args: Any, **kwargs: Any) -> None:
            given = arguments.bind(session, *args, **kwargs)
            given.apply_defaults()
            application.sessions = dict(given.arguments)
            connect(session, *args, **kwargs)

        setattr(Session, "connect", noted)

    sessions: dict[str, Any] | None = None
    """Arguments of the last `session.connect`; None when the models did not call it."""

    exit_told: Any = None
    """Called with the problem before a model ends the process."""

    def _told_exit(self, code: int = 0) -> NoReturn:
        file, line = self.place_of(sys._getframe(1))
        if file and self.exit_told is not None:
            text = f"A model ends its process with code {code}: {file}, line {line}."
            self.exit_told(InspectorProblem("exit", text, file=file, line=line))
        _exit(code)

    def _problem_of(self, error: BaseException) -> InspectorProblem:
        file, line = self._place_in(error.__traceback__)
        if isinstance(error, SyntaxError) and error.filename and error.filename.startswith(self.folder):
            file, line = self._relative(error.filename), error.lineno or 0
        if isinstance(error, MemoryError):
            kind, words = "memory", "The models need more memory than the inspector may use"
        elif isinstance(error, SystemExit):
            kind, words = "exit", f"A model ends its process with code {error.code}"
        elif isinstance(error, HTTP):
            kind, words = "load", f"A model answers the request itself (HTTP {error.status})"
        elif is_refused(error):
            kind, words = "writes", f"The models write ({_first_line(str(error))}), which a look does not do"
        elif is_unmade(error):
            kind = "unmade"
            words = f"The models read what the server has yet to make ({_first_line(str(error))})"
        elif isinstance(error, SyntaxError):
            kind, words = "load", f"{type(error).__name__}: {error.msg}"
        else:
            kind, words = "load", f"{type(error).__name__}: {_first_line(str(error))}"
        at = f" at {file}, line {line}" if file else ""
        detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return InspectorProblem(
            kind, mask_text(f"{words}{at}."), file=file, line=line, detail=mask_text(detail[-_DETAIL_KEPT:])
        )

    def _place_in(self, found: TracebackType | None) -> tuple[str, int]:
        place = ("", 0)
        while found is not None:
            file = found.tb_frame.f_code.co_filename
            if file.startswith(self.folder):
                place = self._relative(file), found.tb_lineno
            found = found.tb_next
        return place


_exit = os._exit


class _Printed:
    """Keeps the beginning of what is printed and lets the rest go."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0

    def write(self, text: str) -> int:
        if self._size < _PRINTED_KEPT:
            self._parts.append(text[: _PRINTED_KEPT - self._size])
        self._size += len(text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False

    def text(self) -> str:
        whole = "".join(self._parts)
        return f"{whole}... ({self._size} characters)" if self._size > _PRINTED_KEPT else whole


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:300] if lines else "without a message"
