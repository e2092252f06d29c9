"""Starts the built bundle as a person would: version, server, page, window, stop.

    python packaging/smoke.py dist/hadron

Exits with 0 when everything answered, else names what did not.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SECONDS = 60


def fail(message: str) -> None:
    """End with `message` on standard error."""
    raise SystemExit(f"smoke test: {message}")


def check_version(program: Path) -> None:
    """The program tells its version and ends."""
    result = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if result.returncode != 0 or not re.search(r"\d+\.\d+\.\d+", result.stdout):
        fail(f"--version printed {result.stdout!r} {result.stderr!r}")


def check_server(program: Path, folder: str) -> None:
    """The program serves `welcome` without a window and stops when told."""
    command = [program, "serve", "-f", folder, "-p", "0", "-a", "smoke"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = _address(process)
        with urllib.request.urlopen(f"{address}/welcome", timeout=SECONDS) as page:  # noqa: S310  # our own address
            text = page.read().decode("utf-8")
        if page.status != 200 or "</html>" not in text:
            fail(f"{address}/welcome answered {page.status}")
        process.send_signal(signal.SIGTERM)
        if process.wait(SECONDS) != 0:
            fail(f"the server ended with {process.returncode}")
    finally:
        if process.poll() is None:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    end = time.monotonic() + SECONDS
    seen = []
    assert process.stdout is not None
    while time.monotonic() < end:
        line = process.stdout.readline()
        if not line:
            break
        seen.append(line)
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    fail(f"the server named no address: {''.join(seen)}")
    raise AssertionError


def check_window(program: Path, folder: str) -> None:
    """The window opens and stays until it is closed."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "HADRON_CONFIG_DIR": os.path.join(folder, "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    process = subprocess.Popen([program, "-f", folder], env=environment, stderr=subprocess.PIPE, text=True)
    try:
        time.sleep(5)
        if process.poll() is not None:
            fail(f"the window ended by itself: {process.stderr.read() if process.stderr else ''}")
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)
    finally:
        if process.poll() is None:
            process.kill()


def main() -> int:
    """Run all checks on the bundle in the folder given."""
    program = Path(sys.argv[1]).resolve() / ("hadron.exe" if sys.platform == "win32" else "hadron")
    with tempfile.TemporaryDirectory() as temporary:
        site = os.path.join(temporary, "site")
        os.mkdir(site)
        check_version(program)
        check_server(program, site)
        check_window(program, site)
    print("smoke test: the bundle serves and opens its window")
    return 0


if __name__ == "__main__":
    sys.exit(main())
