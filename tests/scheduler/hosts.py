"""Hosts that are network namespaces: with a name, processes and a clock of their own, on a line that can be cut."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import uuid

from tests.scheduler.conftest import WorkerProcess

CLOCK = """
import os, time
shift = float(os.environ["LAB_CLOCK"])
import datetime as module
real, real_time = module.datetime, time.time
class Meta(type):
    def __instancecheck__(cls, one): return isinstance(one, real)
    def __subclasscheck__(cls, one): return issubclass(one, real)
class datetime(real, metaclass=Meta):
    @classmethod
    def now(cls, tz=None): return real.now(tz) + module.timedelta(seconds=shift)
    @classmethod
    def utcnow(cls): return real.utcnow() + module.timedelta(seconds=shift)
module.datetime = datetime
time.time = lambda: real_time() + shift
"""


def permitted():
    """Return why hosts can not be made here; empty when they can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "network namespaces need Linux and root"
    for program in ("ip", "unshare"):
        if shutil.which(program) is None:
            return f"there is no program {program}"
    name = f"hx{uuid.uuid4().hex[:6]}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"namespaces are not permitted: {tried.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", name], check=False)
    inside = subprocess.run(
        ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"namespaces are not permitted: {inside.stderr.strip()}" if inside.returncode else ""


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def free_net():
    """Return the first numbers of addresses that no other test of this machine uses, and what keeps them so."""
    for number in range(64, 251):
        own = socket.socket(socket.AF_UNIX)
        try:
            own.bind(f"\0hadron-test-net-{number}")  # the system forgets it with the process
        except OSError:
            own.close()
            continue
        return f"10.{number}", own
    raise AssertionError("all nets are in use")


class Host:
    """One machine.

    Args:
        number: 1..200, part of its address.
        net: first numbers of the addresses, ``10.7``.
        clock: seconds its clock is ahead.
    """

    def __init__(self, folder, number, net, clock=0.0):
        self.folder, self.clock = folder, clock
        self.name = f"hx{uuid.uuid4().hex[:6]}"
        self.address = f"{net}.{number}.1"
        ip("netns", "add", self.name)
        ip("link", "add", f"{self.name}r", "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("addr", "add", f"{self.address}/30", "dev", f"{self.name}r")
        ip("link", "set", f"{self.name}r", "up")
        for words in (
            ("addr", "add", f"{net}.{number}.2/30", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", self.address),
        ):
            ip("-n", self.name, *words)
        self.workers = []

    def command(self, *words):
        clock = self.folder / f"clock-{self.name}"
        clock.mkdir(exist_ok=True)
        (clock / "sitecustomize.py").write_text(CLOCK)
        inside = f'hostname {self.name}; exec env LAB_CLOCK={self.clock} PYTHONPATH={clock} "$@"'
        return ["ip", "netns", "exec", self.name, "unshare", "--uts", "--pid", "--fork", "--kill-child",
                "--mount-proc", "sh", "-c", inside, "sh", *words]  # fmt: skip

    def start(self, site, wish="myapp"):
        worker = WorkerProcess(site, wish, self.command)
        self.workers.append(worker)
        assert worker.name
        return worker

    def cut(self):
        """Nothing goes in or out any more."""
        ip("link", "set", f"{self.name}r", "down")

    def mend(self):
        ip("link", "set", f"{self.name}r", "up")

    def kill(self):
        """The power fails."""
        for worker in self.workers:
            worker.kill()

    def close(self):
        self.kill()
        for worker in self.workers:
            worker.stop()
        with contextlib.suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)  # and its line with it


class Forwarder:
    """Lets hosts reach a server of this machine that listens on loopback alone."""

    def __init__(self, address, port):
        self._target = port
        self._listener = socket.create_server((address, 0))
        self.port = self._listener.getsockname()[1]
        self._open = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
                self._open += [near, far]
                threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    @staticmethod
    def _forward(near, far):
        with contextlib.suppress(OSError, ValueError), near, far:
            while True:
                for source in select.select([near, far], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    (far if source is near else near).sendall(data)

    def close(self):
        for one in self._open:
            with contextlib.suppress(OSError):
                one.close()
