"""`Service`: a web server with all that belongs to it, and the order in which they start and stop."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import psutil

from runtime.config import ServerConfig
from runtime.foundation.files import write_atomic
from runtime.foundation.log_lines import FOLDER
from runtime.foundation.problems import UserError
from runtime.foundation.version import version
from runtime.server import control_file, factory
from runtime.server.access_log import AccessLog
from runtime.server.control import ControlServer, new_key
from runtime.server.control_file import RunningServer
from runtime.server.logs import LogRing
from runtime.server.metrics import MeteredApplication, Metrics
from runtime.server.password import set_up_password
from runtime.server.profiler import ProfiledApplication
from runtime.server.server_control import ServerControl
from runtime.server.sockets import BindError
from runtime.server.web_server import WebServer, WSGIApplication

log = logging.getLogger("web2py.server")

OWN_ACCESS_BYTES = 10_000_000  # size at which the access log of a supervised server is rotated
_MOST_OF_INDEX = 1 << 20  # bytes read of the page that is tried before a server counts as ready


class StartError(UserError):
    """A service cannot start.

    Attributes:
        kind: ``port_busy``, ``port_forbidden``, ``address``, ``folder_missing``, ``folder_unwritable``,
            ``no_applications``, ``application`` or ``error``.
        details: what else the supervisor is told: `owner`, `next_free`.
    """

    def __init__(self, kind: str, text: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.details = details or {}


@dataclass(frozen=True)
class Check:
    """How the default application answered its index.

    Attributes:
        application: its name, empty when the site has none.
        seconds: how long it took.
        warning: what is wrong, for a person; None when all is well.
        ticket: of the error, when there is one.
    """

    application: str
    seconds: float
    warning: str | None = None
    ticket: str | None = None


class Service:
    """The server of a site: sockets, application, metrics, access log, control channel, pid file.

    Use: `open` (from then on the port is ours), `start`, `check`, at the end `close`.
    It installs no signal handlers and does not touch logging, so that a
    desktop or a test can host it too.

    Args:
        config: the effective options.
        make_application: makes the WSGI application.
        prepare: makes the site folder ready to serve.
        request_stop: see `ServerControl`.
        logs: see `ServerControl`.
        control_key: secret of the control channel; a fresh one by default.
    """

    def __init__(
        self,
        config: ServerConfig,
        *,
        make_application: factory.ApplicationFactory = factory.make_application,
        prepare: factory.PrepareSite = factory.prepare_site,
        request_stop: Callable[[float | None], None] | None = None,
        logs: LogRing | None = None,
        control_key: str | None = None,
    ) -> None:
        self.config = config
        self.metrics = Metrics()
        self.server = WebServer(None, config)
        self.application: WSGIApplication | None = None
        self.key = control_key or new_key()
        self.control = ServerControl(
            self.server,
            self.metrics,
            request_stop=request_stop,
            reload_routes=lambda: factory.reload_routes(self.application),
            logs=logs,
        )
        self.password_file: Path | None = None
        self._make_application = make_application
        self._prepare = prepare
        self._channel: ControlServer | None = None
        self._published: RunningServer | None = None
        self._access_log: AccessLog | None = None
        self._cron: Any = None
        self._helpers: list[Any] = []  # what runs beside the requests and has a stop()

    @property
    def control_address(self) -> str:
        """Address of the control channel, once `open` was called."""
        return self._channel.address if self._channel is not None else ""

    def open(self) -> None:
        """Prepare the site, take the port, open the control channel.

        Raises:
            StartError: with nothing left open.
        """
        self._prepare_site()
        try:
            self.server.bind()
        except BindError as error:
            raise _bind_failure(error) from error
        try:
            self._open_channel()
            if self.config.pid_file is not None:
                _write(self.config.pid_file, str(os.getpid()), "pid file")
        except BaseException:
            self.close(0.0)
            raise

    def start(self, ask: Callable[[str], str] | None = None) -> None:
        """Store the password, build the application and answer requests.

        Args:
            ask: prompts for the password of ``-a "<ask>"``.

        Raises:
            StartError: with nothing left open.
        """
        try:
            self._start(ask)
        except BaseException:
            self.close(0.0)
            raise

    def check(self) -> Check:
        """Let the default application answer its index, in this thread, without a network."""
        name = factory.default_application(self.application, self.config.folder)
        began = time.perf_counter()
        try:
            status, record = self._get_index()
        except Exception as error:
            log.exception("application %s failed outside of its own error handling", name)
            return Check(name, time.perf_counter() - began, f"{name}: {type(error).__name__}: {error}")
        seconds = time.perf_counter() - began
        ticket = record.get("ticket")
        if ticket or status >= 500:
            what = f"ticket {ticket}" if ticket else f"status {status}"
            return Check(name, seconds, f"application {name} fails at its index: {what}", ticket)
        if status in (400, 404):
            return Check(name, seconds, f"no application answers the address / (status {status})")
        return Check(name, seconds)

    def close(self, grace_seconds: float | None = None) -> bool:
        """Stop in order: cron and web server (in one grace time), control channel, access log, files.

        See DESK-10.

        Returns:
            Whether every request got its answer.
        """
        grace = self.config.shutdown_timeout if grace_seconds is None else grace_seconds
        end = time.monotonic() + grace
        if self._cron is not None:
            self._cron.begin_stop()
        answered = self.server.stop(grace_seconds)
        factory.end_work(max(0.0, end - time.monotonic()))
        if self._cron is not None:
            self._cron.stop(max(0.0, end - time.monotonic()))
            self._cron = None
        while self._helpers:
            self._helpers.pop().stop()
        if self._published is not None:
            control_file.withdraw(self._published)
            self._published = None
        if self._channel is not None:
            self._channel.close()
            self._channel = None
            if self.config.pid_file is not None:
                _remove_pid_file(self.config.pid_file)
        if self._access_log is not None:
            self._access_log.close()
            self._access_log = None
        return answered

    # -- inside -------------------------------------------------------------

    def _prepare_site(self) -> None:
        folder = self.config.folder
        try:
            self._prepare(folder)
        except UserError as error:
            raise StartError(getattr(error, "kind", "error"), str(error)) from error
        except FileNotFoundError as error:
            raise StartError("folder_missing", f"the site folder {folder} does not exist") from error
        except OSError as error:
            raise StartError(
                "folder_unwritable", f"the site folder {folder} cannot be used: {error.strerror or error}"
            ) from error

    def _open_channel(self) -> None:
        folder = control_file.runtime_folder(self.config.folder)
        self._channel = ControlServer(control_file.new_control_address(folder), self.key, self.control.call)
        process = psutil.Process()
        running = RunningServer(
            pid=process.pid,
            create_time=process.create_time(),
            address=self._channel.address,
            key=self.key,
            url=self.server.url,
            version=version(),
            started=time.time(),
            folder=str(self.config.folder),
        )
        if control_file.publish(running):
            self._published = running
        else:
            log.info("another server of %s is running too; that one can be adopted", self.config.folder)

    def _open_access_log(self) -> None:
        """Open the access log that was asked for; a supervised server keeps one of its own, which it rotates.

        Raises:
            StartError: the one that was asked for can not be written.
        """
        config = self.config
        wanted = config.access_log
        own = config.folder / FOLDER / "access.log"
        if wanted is None and not config.supervised:
            return
        try:
            if wanted is None:
                own.parent.mkdir(exist_ok=True)
            self._access_log = AccessLog(wanted or own, limit=0 if wanted else OWN_ACCESS_BYTES)
        except OSError as error:
            if wanted is not None:
                raise StartError("error", f"access log {wanted}: {error.strerror}") from error
            log.warning("no access log is kept in %s: %s", own, error.strerror)

    def _start(self, ask: Callable[[str], str] | None) -> None:
        config = self.config
        self.password_file = set_up_password(config.folder, self.server.address.port, config.password, ask)
        if config.password and self.password_file is None:
            log.warning(
                "no password is stored for port %d: web administration is off", self.server.address.port
            )
        self._open_access_log()
        self.application = self._build_application()
        for name, command in factory.inspection_commands(config.folder).items():
            self.control.register(name, command)
        self.control.register("admin_link", partial(factory.admin_link, config.folder, self.password_file))
        history = factory.cache_history(config.folder)
        self.control.register("cache_history", history.samples)
        self._helpers = [
            history,
            factory.session_cleaner(config.folder),
            factory.letter_carrier(config.folder),
        ]
        self._cron = factory.cron_of(config)
        for name, command in factory.cron_commands(config, self._cron).items():
            self.control.register(name, command)
        inner: WSGIApplication = self.application
        if config.profiler_folder is not None:
            inner = ProfiledApplication(inner, config.profiler_folder)
        self.server.application = MeteredApplication(
            inner, self.metrics, config.trusted_proxies, self._after_request()
        )
        self.server.start()
        if self._cron is not None:
            self._cron.start()

    def _after_request(self) -> Callable[[Any], None] | None:
        """Return what each finished request is told to: the access log, soft cron."""
        write = self._access_log.write if self._access_log is not None else None
        cron = self._cron
        if cron is None or cron.mode != "soft":
            return write

        def both(record: Any) -> None:
            if write is not None:
                write(record)
            cron.page_served()

        return both

    def _build_application(self) -> WSGIApplication:
        try:
            return self._make_application(self.config, self.password_file)
        except UserError:
            raise
        except Exception as error:
            log.exception("the application could not be built")
            raise StartError("application", f"{type(error).__name__}: {error}") from error

    def _get_index(self) -> tuple[int, dict[str, Any]]:
        assert self.application is not None
        record: dict[str, Any] = {}
        environ: dict[str, Any] = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": f"{self.server.address.host}:{self.server.address.port}",
            "SERVER_NAME": self.config.server_name,
            "SERVER_PORT": str(self.server.address.port),
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "wsgi.errors": sys.stderr,
            "hadron.record": record,
        }
        setup_testing_defaults(environ)
        statuses: list[int] = []

        def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:
            statuses.append(int(status[:3]))
            return lambda data: None

        result = self.application(environ, start_response)
        try:
            size = 0
            for block in result:
                size += len(block)
                if size > _MOST_OF_INDEX:
                    break
        finally:
            getattr(result, "close", lambda: None)()
        return statuses[-1] if statuses else 500, record


def _bind_failure(error: BindError) -> StartError:
    details: dict[str, Any] = {}
    pid = getattr(error, "owner_pid", None)
    if pid is not None:
        details["owner"] = {"name": getattr(error, "owner_name", None), "pid": pid}
    if getattr(error, "next_free", None) is not None:
        details["next_free"] = getattr(error, "next_free", None)
    return StartError(error.kind, str(error), details)


def _write(path: Path, text: str, what: str) -> None:
    try:
        write_atomic(path, text)
    except OSError as error:
        raise StartError("error", f"{what} {path}: {error.strerror}") from error


def _remove_pid_file(path: Path) -> None:
    """Remove it if it is still ours: a later server may have overwritten it (CLI-12)."""
    try:
        if path.read_text("utf-8").strip() == str(os.getpid()):
            path.unlink()
    except OSError:
        pass
