"""Starts the built bundle as a person would: commands, server, administration, tasks, cron, window.

    python packaging/smoke.py dist/hadron

Exits with 0 when everything answered, else names what did not.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

SECONDS = 60
APPLICATION = "shop"
LOG_IN = 'type="password"'


class Role:
    """A process of the bundle and what it has printed."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process, self._output = process, output

    def printed(self) -> str:
        """Return everything that was printed so far."""
        return self._output.read_text("utf-8", "replace")

    def wait_for(self, what: str, question: Callable[[], str]) -> str:
        """Return the answer of `question` as soon as there is one."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            if answer := question():
                return answer
            time.sleep(0.1)
        fail(f"{what} did not come: {self.printed()}")
        raise AssertionError


def fail(message: str) -> None:
    """End with `message` on standard error."""
    raise SystemExit(f"smoke test: {message}")


def ask(program: Path, *arguments: str | Path, expect: str = "") -> None:
    """Carry out a command that ends by itself; what it prints has to match the pattern `expect`."""
    result = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if result.returncode != 0 or not re.search(expect, result.stdout, re.MULTILINE):
        shown = " ".join(map(str, arguments))
        fail(f"{shown} ended with {result.returncode}, printed {result.stdout!r} {result.stderr!r}")


@contextlib.contextmanager
def running(
    program: Path, *arguments: str | Path, environment: dict[str, str] | None = None
) -> Iterator[Role]:
    """Start a role of the program; it has to stay, and to end with 0 when it is told to."""
    shown = " ".join(map(str, arguments))
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "output")
        with output.open("wb") as file:
            process = subprocess.Popen(
                [program, *arguments], stdout=file, stderr=subprocess.STDOUT, env=environment
            )
        role = Role(process, output)
        try:
            yield role
            if process.poll() is not None:
                fail(f"{shown} ended by itself: {role.printed()}")
            process.send_signal(signal.SIGTERM)
            if process.wait(SECONDS) != 0:
                fail(f"{shown} ended with {process.returncode}: {role.printed()}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def check_commands(program: Path, site: Path) -> None:
    """The commands answer; an application is made, and looked at in a child of the program."""
    ask(program, "--version", expect=r"\d+\.\d+\.\d+")
    ask(program, "--help", expect=r"^Usage: hadron")
    ask(program, "licences", expect=r"^pydal .*BSD")
    ask(program, "licences", "waitress", expect="Zope Public License")
    ask(program, "new", APPLICATION, "-f", site)
    ask(program, "inspect", "welcome", "-f", site, expect=r"^db: sqlite(.|\n)*^  auth_user: ")
    ask(program, "cron", "list", "-f", site, expect=r"admin:\d+ ")


def check_server(program: Path, site: Path) -> None:
    """It serves `welcome` and the administration; whoever asks for tables has to log in."""
    with running(program, "serve", "-f", site, "-p", "0", "-a", "smoke") as server:
        address = server.wait_for("the address", lambda: _address(server.printed()))
        for path, end, text in (
            ("/welcome", "/welcome", "</html>"),
            ("/admin", "/admin", LOG_IN),
            ("/welcome/appadmin", "/admin/default/index", LOG_IN),
        ):
            with urllib.request.urlopen(f"{address}{path}", timeout=SECONDS) as page:  # noqa: S310  # our own address
                got = page.read().decode("utf-8")
                if page.url.split("?")[0] != f"{address}{end}" or text not in got:
                    fail(f"{path} led to {page.url}, which says {got[:2000]!r}")


def _address(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", text)
    return found[0] if found else ""


def check_worker(program: Path, site: Path) -> None:
    """A worker of the scheduler, a process of its own, completes a task in another one."""
    application = site / "applications" / APPLICATION
    settings = application / "private" / "appconfig.ini"
    text = settings.read_text("utf-8")
    settings.write_text(re.sub(r"(\[scheduler\]\s+enabled = )false", r"\1true", text), "utf-8")
    script = site / "queue.py"
    script.write_text("scheduler.queue_task('count_notes')\ndb.commit()\n", "utf-8")
    ask(program, "run", "-f", site, APPLICATION, script)
    with running(program, "worker", APPLICATION, "-f", site) as worker:
        result = worker.wait_for("the task's end", lambda: _run_of(application / "databases/storage.sqlite"))
    if result != "COMPLETED 0":
        fail(f"the task ended as {result}")


def _run_of(database: Path) -> str:
    with contextlib.closing(sqlite3.connect(database, timeout=SECONDS)) as db:
        row = db.execute(
            "SELECT status, run_result FROM scheduler_run WHERE status NOT IN ('RUNNING', 'ASSIGNED')"
        ).fetchone()
    return " ".join(map(str, row)) if row else ""


def check_cron(program: Path, site: Path) -> None:
    """A job of a crontab runs a script of its application in a child of the program."""
    application = site / "applications" / APPLICATION
    (application / "private" / "job.py").write_text(
        "import os\n"
        "open(os.path.join(request.folder, 'private', 'ran'), 'w').write(str(db(db.note).count()))\n"
    )
    (application / "cron" / "crontab").write_text(
        f"0 3 * * * root *applications/{APPLICATION}/private/job.py\n"
    )
    ask(program, "cron", "run", f"{APPLICATION}:1", "-f", site)
    if (application / "private" / "ran").read_text() != "0":
        fail("the job of the crontab did not run")


def check_window(program: Path, site: Path) -> None:
    """The window opens and stays until it is closed."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HADRON_CONFIG_DIR": str(site / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    with running(program, "-f", site, environment=environment):
        time.sleep(5)


def main() -> int:
    """Run all checks on the bundle in the folder given."""
    program = Path(sys.argv[1]).resolve() / ("hadron.exe" if sys.platform == "win32" else "hadron")
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary, "site")
        site.mkdir()
        for check in (check_commands, check_server, check_worker, check_cron, check_window):
            check(program, site)
    print("smoke test: commands, server, administration, worker, cron and window of the bundle work")
    return 0


if __name__ == "__main__":
    sys.exit(main())
