"""`WebServer`: waitress on sockets of our own, with a stop that loses no answer."""

from __future__ import annotations

import logging
import select
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from runtime.config import Address, ServerConfig
from runtime.server.channel import Channel
from runtime.server.dispatcher import Dispatcher
from runtime.server.poller import Poller
from runtime.server.sockets import listen_on

log = logging.getLogger("web2py.server")

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_HAS_POLL = hasattr(select, "poll")
_ROUND = 1.0  # seconds after which the network loop looks at its connections though nothing happened
_MOST_CONNECTIONS = 1000 if _HAS_POLL else 400  # select() knows no more than 512 sockets on Windows
_FEWEST_CONNECTIONS = 50
_DRAIN_STEP = 0.02  # seconds between two looks at the requests still running
_FORWARDING = ("FORWARDED", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_FORWARDED_PORT",
               "X_FORWARDED_BY", "X_FORWARDED_PREFIX", "X_REAL_IP")  # fmt: skip
_FORWARDING_KEYS = tuple(f"HTTP_{name}" for name in _FORWARDING)


class WebServer:
    """An HTTP server for one WSGI application, on one or more addresses.

    Use: `bind`, then `start`; later `stop` and, from another thread, `wait`.
    It may be used in any process and thread; it installs no signal handlers.

    Args:
        application: the WSGI application; it may be set as late as just before `start`.
        config: addresses, threads, limits.
    """

    def __init__(self, application: WSGIApplication | None, config: ServerConfig) -> None:
        self.application = application
        self.config = config
        self._sockets: list[socket.socket] = []
        self._listeners: list[_Listener] = []
        self._map: dict[int, Any] = {}
        self._dispatcher: Dispatcher | None = None
        self._poller: Poller | None = None  # where the system has none, waitress's own rounds
        self._loop_thread: threading.Thread | None = None
        self._leave_loop = False
        self._stop_lock = threading.Lock()
        self._stop_by = float("inf")  # monotonic time at which running requests are given up
        self._stopped = threading.Event()
        self.addresses: tuple[Address, ...] = ()
        self.draining = False

    # -- life ---------------------------------------------------------------

    def bind(self) -> None:
        """Open the listening sockets; `addresses` then holds the real port numbers (START-05).

        From here on clients can connect; they are answered after `start`.

        Raises:
            PortBusy, PortForbidden, AddressUnavailable: nothing stays open.
        """
        self._sockets = listen_on(self.config.interfaces, self.config.queue_size)
        self.addresses = tuple(Address(*opened.getsockname()[:2]) for opened in self._sockets)

    def start(self) -> None:
        """Serve from threads of its own; binds first when `bind` was not called."""
        if self._loop_thread is not None:
            raise RuntimeError("a WebServer is started once")
        if self.application is None:
            raise RuntimeError("no application was given to this WebServer")
        if not self._sockets:
            self.bind()
        application = _ForwardingFilter(self.application, self.config.trusted_proxies)
        settings = self._settings()
        self._poller = Poller() if hasattr(select, "epoll") else None
        self._dispatcher = Dispatcher()
        self._dispatcher.set_thread_count(self.config.threads)
        self._listeners = [
            _Listener(application, opened, settings, self._dispatcher, self._map, self.config, self._poller)
            for opened in self._sockets
        ]
        self._loop_thread = threading.Thread(target=self._loop, name="hadron-http", daemon=True)
        self._loop_thread.start()

    def stop(self, grace_seconds: float | None = None) -> bool:
        """Refuse new connections, let running requests end, then close everything (CLI-20).

        Args:
            grace_seconds: longest time running requests get; default the
                configured shutdown timeout. Requests still running then lose
                their connection; their threads end by themselves.

        Returns:
            Whether every request got its answer.
        """
        grace = self.config.shutdown_timeout if grace_seconds is None else grace_seconds
        self.hasten(grace)
        with self._stop_lock:
            if self._stopped.is_set():
                return True
            if self._loop_thread is None:
                for opened in self._sockets:
                    opened.close()
                self._stopped.set()
                return True
            return self._drain_and_close(self._loop_thread)

    def hasten(self, grace_seconds: float = 0.0) -> None:
        """Shorten the grace time of a `stop` that runs or is to come; returns at once."""
        self._stop_by = min(self._stop_by, time.monotonic() + max(grace_seconds, 0.0))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the server has stopped; False when `timeout` seconds passed before."""
        return self._stopped.wait(timeout)

    # -- state --------------------------------------------------------------

    @property
    def address(self) -> Address:
        """The first address, with its real port."""
        return (self.addresses or self.config.interfaces)[0]

    @property
    def url(self) -> str:
        """The URL of the first address, for a browser on this machine."""
        return self.address.url

    @property
    def running(self) -> bool:
        """Whether requests are being answered; true while draining too."""
        return self._loop_thread is not None and not self._stopped.is_set()

    def in_flight(self) -> int:
        """How many requests are received, waiting, running, or not yet wholly sent."""
        return sum(_unfinished(channel) for channel in self._channels())

    def busy_threads(self) -> int:
        """How many worker threads run a request now."""
        return self._dispatcher.busy if self._dispatcher else 0

    def queue_depth(self) -> int:
        """How many received requests wait for a thread."""
        return self._dispatcher.waiting if self._dispatcher else 0

    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._channels())

    # -- inside -------------------------------------------------------------

    def _settings(self) -> Adjustments:
        config = self.config
        return Adjustments(
            sockets=self._sockets,
            threads=config.threads,
            backlog=config.queue_size,
            connection_limit=_connection_limit(),
            channel_timeout=max(1, round(config.timeout)),
            cleanup_interval=max(1, min(10, round(config.timeout / 4))),
            max_request_body_size=config.max_body_bytes,
            ident="Hadron",
            server_name=config.server_name,
            clear_untrusted_proxy_headers=False,  # _ForwardingFilter does it, for several trusted proxies
            log_socket_errors=False,  # visitors who leave early are no errors of ours
            expose_tracebacks=False,
            asyncore_use_poll=_HAS_POLL,
        )

    def _loop(self) -> None:
        poll = wasyncore.poll2 if _HAS_POLL else wasyncore.poll
        if self._poller is not None:
            poll = self._poller.round
        try:
            while self._map and not self._leave_loop:
                poll(_ROUND, self._map)
        except Exception:
            log.exception("the server's network loop failed")
        finally:
            self._close_all()

    def _close_all(self) -> None:
        """Close what is left, in the loop's thread, where nothing else touches the sockets."""
        for channel in self._channels():
            channel.handle_close()  # wakes a worker that waits for this client to read on
        for listener in self._listeners:
            listener.finished = True
        wasyncore.close_all(self._map, ignore_all=True)
        if self._poller is not None:
            self._poller.close()

    def _drain_and_close(self, loop_thread: threading.Thread) -> bool:
        """The only order in which waitress loses no answer.

        Closing a server outright closes its wake-up pipe as well, and a worker
        that finishes afterwards cannot hand over its answer. So: the listening
        socket only; wait for the requests; then the threads; the rest last.
        """
        self.draining = True
        self._in_loop(self._close_listeners)
        while self._running_requests() and time.monotonic() < self._stop_by and loop_thread.is_alive():
            self._in_loop(self._close_idle)
            time.sleep(_DRAIN_STEP)
        left = self._running_requests()
        if left:
            log.warning("stopped with %d unanswered request%s", left, "" if left == 1 else "s")
        if self._dispatcher is not None:
            # Threads that are still busy are daemons and end with their request.
            self._dispatcher.shutdown(timeout=0.05 if left else 2.0)
        self._leave_loop = True
        self._in_loop(None)
        loop_thread.join(timeout=5.0)
        self._stopped.set()
        return not left

    def _running_requests(self) -> int:
        return sum(_unfinished(channel) for channel in self._channels())

    def _in_loop(self, action: Callable[[], None] | None) -> None:
        """Run `action` in the loop's thread soon, and wake that thread."""
        try:
            self._listeners[0].trigger.pull_trigger(action)
        except OSError:
            pass  # the loop has ended: nothing is left to wake

    def _close_listeners(self) -> None:
        for listener in self._listeners:
            wasyncore.dispatcher.close(listener)

    def _close_idle(self) -> None:
        """End connections that are only kept alive; a client could otherwise prolong the drain at will."""
        for channel in self._channels():
            if not _unfinished(channel):
                channel.will_close = True

    def _channels(self) -> list[Any]:
        return [c for listener in self._listeners for c in list(listener.active_channels.values())]


def _connection_limit() -> int:
    """Half of the files this process may open: beyond them `accept` would fail over and over."""
    if sys.platform == "win32":
        return _MOST_CONNECTIONS
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_MOST_CONNECTIONS, allowed // 2))


def _unfinished(channel: Any) -> int:
    """Requests of a connection that are being received, answered or sent."""
    count = len(channel.requests)
    arriving = channel.request
    if arriving is not None and arriving.headers_finished:
        count += 1
    return count or (1 if channel.total_outbufs_len else 0)


class _Listener(TcpWSGIServer):  # type: ignore[misc] # waitress has no types
    """One listening socket; several share one set of worker threads."""

    channel_class = Channel

    def __init__(
        self,
        application: WSGIApplication,
        opened: socket.socket,
        settings: Adjustments,
        dispatcher: Dispatcher,
        sockets: dict[int, Any],
        config: ServerConfig,
        poller: Poller | None,
    ) -> None:
        self.finished = False
        self.answering = threading.local()
        """Holds the `channel` that the calling thread answers."""
        self._poller = poller
        self._stall = config.timeout
        self._unacknowledged_ms = int(config.socket_timeout * 1000)
        super().__init__(
            application,
            sockets,
            True,
            opened,
            dispatcher=dispatcher,
            adj=settings,
            bind_socket=False,
            sockinfo=(opened.family, opened.type, opened.proto, opened.getsockname()),
        )

    def set_socket_options(self, conn: socket.socket) -> None:
        super().set_socket_options(conn)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # CLI-21
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, self._unacknowledged_ms)

    def maintenance(self, now: float) -> None:
        """Also close connections whose client reads nothing: they hold a worker thread (CLI-19)."""
        super().maintenance(now)
        for channel in list(self.active_channels.values()):
            if channel.total_outbufs_len and channel.last_activity < now - self._stall:
                # A mark would wait until the socket takes bytes, which is what it does not do.
                self.trigger.pull_trigger(channel.handle_close)

    def pull_trigger(self) -> None:
        """Let the loop go on with the connection that this thread answers; wake it if need be.

        A worker that ends after the stop finds the pipe closed, and its number perhaps reused.
        """
        if self.finished:
            return
        channel = getattr(self.answering, "channel", None)
        if channel is None or self._poller is None or channel.writable():
            super().pull_trigger()
        elif channel.readable():
            self._poller.listen(channel.socket.fileno(), channel)


class _ForwardingFilter:
    """Drops forwarding headers that no trusted proxy sent (AMB-37)."""

    def __init__(self, application: WSGIApplication, trusted: tuple[str, ...]) -> None:
        self._application = application
        self._trusted = frozenset(trusted)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REMOTE_ADDR"] not in self._trusted:
            for name in _FORWARDING_KEYS:
                environ.pop(name, None)
        return self._application(environ, start_response)
