"""The process `hadron serve`: start, signals, readiness, drain, exit code."""

from __future__ import annotations

import dataclasses
import faulthandler
import getpass
import io
import logging
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

from runtime.config import ServerConfig
from runtime.foundation.log_files import CRON, keep_cron_log, keep_log
from runtime.foundation.problems import UserError
from runtime.foundation.version import version
from runtime.server import factory
from runtime.server.logs import LogRing, configure_logging
from runtime.server.service import Check, Service, StartError
from runtime.server.supervision import Order, SupervisorPipe

log = logging.getLogger("web2py.server")

EXIT_OK, EXIT_USAGE, EXIT_PORT, EXIT_FOLDER, EXIT_CONFIGURATION, EXIT_INTERNAL = 0, 2, 3, 4, 5, 70

EXIT_CODES = {
    "port_busy": EXIT_PORT,
    "port_forbidden": EXIT_PORT,
    "address": EXIT_PORT,
    "folder_missing": EXIT_FOLDER,
    "folder_unwritable": EXIT_FOLDER,
    "no_applications": EXIT_FOLDER,
    "application": EXIT_INTERNAL,
    "error": EXIT_CONFIGURATION,
}
"""Exit code of the process for each kind of failed start."""

_OPEN_FILES = 4096

READY_WITHIN = 30.0
"""Seconds the default application has to answer its index before the server counts as ready anyway."""


class Reporter(Protocol):
    """Where the steps of a server's life are told."""

    def event(self, name: str, **values: Any) -> None:
        """Tell one step; names and values as in `supervision`."""


def serve(
    config: ServerConfig,
    *,
    supervised: bool = False,
    make_application: factory.ApplicationFactory = factory.make_application,
    prepare: factory.PrepareSite = factory.prepare_site,
) -> int:
    """Serve a site until told to stop; returns the exit code.

    Args:
        config: the effective options.
        supervised: speak with a supervisor over standard input and output.
        make_application, prepare: see `Service`.
    """
    if not supervised:
        return _Role(config, ConsoleReporter(config), Order(), make_application, prepare).run(_console_ask())
    pipe = SupervisorPipe()
    pipe.event("started", pid=os.getpid(), version=version(), python=platform.python_version())
    try:
        order = pipe.read_order()
    except UserError as error:
        pipe.event("failed", kind="error", message=str(error))
        return EXIT_USAGE
    config = dataclasses.replace(config, password=order.password, quiet=False, supervised=True)
    role = _Role(config, pipe, order, make_application, prepare)
    if not order.keep_serving:
        pipe.watch(role.stop.request)
    return role.run(None)


class ConsoleReporter:
    """Tells a person at a console."""

    def __init__(self, config: ServerConfig) -> None:
        self._config = config

    def event(self, name: str, **values: Any) -> None:
        """Print what is of interest (START-06, CLI-47)."""
        if name == "listening" and self._config.banner:
            print(f"Hadron {version()}, Python {platform.python_version()}")
            print(f"Site folder: {self._config.folder}")
        if name == "listening":
            print(f"Listening on {' and '.join(values['urls'])} (stop with Ctrl+C)", flush=True)
            if any(address.is_public for address in self._config.interfaces):
                print("Other computers on the network can reach this server.", flush=True)
        elif name == "ready" and values.get("warning"):
            print(f"Warning: {values['warning']}", file=sys.stderr, flush=True)
        elif name == "failed":
            print(f"hadron: {values['message']}", file=sys.stderr, flush=True)
        elif name == "draining" and values["in_flight"]:
            count = values["in_flight"]
            running = f"{count} request{'' if count == 1 else 's'}"
            print(
                f"Stopping: {running} running, at most {values['seconds']:g} s (Ctrl+C again: at once)",
                flush=True,
            )


class _Stop:
    """The wish to stop; the second one in a row means at once."""

    def __init__(self) -> None:
        self.wanted = threading.Event()
        self.grace: float | None = None
        self._signalled = False
        self.hasten: Callable[[float], None] = lambda grace: None

    def request(self, grace: float | None = None) -> None:
        """Ask for a stop; may be called from any thread, often."""
        if not self.wanted.is_set():
            self.grace = grace
            self.wanted.set()
        elif grace is not None:
            self.hasten(grace)

    def on_signal(self, number: int, frame: Any) -> None:
        """A signal asks; a second one does not wait for requests any more.

        In a thread: the handler may have interrupted the main thread inside
        the very lock that setting the event needs.
        """
        grace = 0.0 if self._signalled else None
        self._signalled = True
        threading.Thread(target=self.request, args=(grace,), name="hadron-signal", daemon=True).start()


class _Role:
    """One run of the server process."""

    def __init__(
        self,
        config: ServerConfig,
        reporter: Reporter,
        order: Order,
        make_application: factory.ApplicationFactory,
        prepare: factory.PrepareSite,
    ) -> None:
        self.config = config
        self.reporter = reporter
        self.stop = _Stop()
        self.logs = LogRing()
        self._keep_serving = order.keep_serving
        self._ready_lock = threading.Lock()
        self._told_ready = False
        self.service = Service(
            config,
            make_application=make_application,
            prepare=prepare,
            request_stop=self.stop.request,
            logs=self.logs,
            control_key=order.control_key,
        )
        self.stop.hasten = self.service.server.hasten

    def run(self, ask: Callable[[str], str] | None) -> int:
        """Start, wait for the wish to stop, drain."""
        self._set_up_process()
        try:
            self.service.open()
            self._keep_logs()
            self._tell_listening()
            self.service.start(ask)
        except UserError as error:
            return self._failed(error)
        except Exception as error:
            log.exception("the server could not start")
            self.service.close(0.0)
            self.reporter.event("failed", kind="error", message=f"{type(error).__name__}: {error}")
            return EXIT_INTERNAL
        threading.Thread(target=self._check, name="hadron-check", daemon=True).start()
        if not self.stop.wanted.wait(READY_WITHIN):
            name = factory.default_application(self.service.application, self.config.folder)
            late = f"application {name} has not answered its index within {READY_WITHIN:g} s"
            self._tell_ready(Check(name, READY_WITHIN, late))
        _wait(self.stop.wanted)
        return self._drain()

    # -- steps --------------------------------------------------------------

    def _set_up_process(self) -> None:
        try:
            faulthandler.enable()
        except (OSError, ValueError, io.UnsupportedOperation, AttributeError):
            pass  # standard error is no real file
        _allow_more_files()
        stream = None if self.config.quiet else sys.stderr
        problem = configure_logging(self.config.folder, self.config.debug_level, stream, self.logs)
        if problem is not None:
            log.warning("%s", problem)
        if threading.current_thread() is threading.main_thread():
            self._install_signals()

    def _install_signals(self) -> None:
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self.stop.on_signal)
        if hasattr(signal, "SIGHUP"):
            ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # started with nohup
            if self._keep_serving or ignored:
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
            else:
                signal.signal(signal.SIGHUP, self.stop.on_signal)

    def _keep_logs(self) -> None:
        """A server of the window keeps a log of its own; what runs cron keeps that of cron in any case."""
        folder = self.config.folder
        cron = keep_cron_log(folder) if self.config.cron in ("hard", "soft") else None
        own = keep_log(folder, "server") if self.config.supervised else None
        if own is not None and cron is not None:
            own.addFilter(lambda record: record.name != CRON)  # each line once

    def _tell_listening(self) -> None:
        server = self.service.server
        log.info("listening on %s", ", ".join(map(str, server.addresses)))
        self.reporter.event(
            "listening",
            url=server.url,
            urls=[address.url for address in server.addresses],
            port=server.address.port,
            addresses=[{"ip": a.ip, "port": a.port} for a in server.addresses],
            control={"address": self.service.control_address, "key": self.service.key},
        )

    def _failed(self, error: UserError) -> int:
        self.service.close(0.0)
        kind = error.kind if isinstance(error, StartError) else "error"
        details = error.details if isinstance(error, StartError) else {}
        self.reporter.event("failed", kind=kind, message=str(error), **details)
        return EXIT_CODES.get(kind, EXIT_CONFIGURATION)

    def _check(self) -> None:
        name = factory.default_application(self.service.application, self.config.folder)
        self.reporter.event("checking", application=name)
        self._tell_ready(self.service.check())

    def _tell_ready(self, check: Check) -> None:
        with self._ready_lock:
            if self._told_ready or self.stop.wanted.is_set():
                return
            self._told_ready = True
        self.service.control.ready = True
        extra = {"warning": check.warning, "ticket": check.ticket} if check.warning else {}
        if check.warning:
            log.warning("%s", check.warning)
        else:
            log.info("ready: %s answers in %.0f ms", check.application, check.seconds * 1000)
        self.reporter.event("ready", seconds=round(check.seconds, 3), application=check.application, **extra)

    def _drain(self) -> int:
        grace = self.config.shutdown_timeout if self.stop.grace is None else self.stop.grace
        in_flight = self.service.server.in_flight()
        log.info("stopping: %d requests in flight, at most %g s", in_flight, grace)
        self.reporter.event("draining", in_flight=in_flight, seconds=grace)
        answered = self.service.close(grace)
        log.info("stopped")
        self.reporter.event("stopped")
        if not answered or _threads_that_would_stay():
            _leave(EXIT_OK)
        return EXIT_OK


def _allow_more_files() -> None:
    """Raise the soft limit of open files, which is low by tradition and not by need."""
    if sys.platform == "win32":
        return  # has no such limit
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _console_ask() -> Callable[[str], str] | None:
    return getpass.getpass if sys.stdin is not None and sys.stdin.isatty() else None


def _wait(event: threading.Event) -> None:
    """Wait so that signals are handled: on Windows a wait without end does not let them through."""
    if os.name != "nt":
        event.wait()
    while not event.wait(0.5):
        pass


def _threads_that_would_stay() -> bool:
    """Whether an application's own threads would keep the process alive."""
    return any(
        not thread.daemon and thread is not threading.main_thread() for thread in threading.enumerate()
    )


def _leave(code: int) -> None:
    """End the process now: a request that never ends must not outlive the grace time (CLI-20)."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            pass
    os._exit(code)
