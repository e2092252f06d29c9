"""A site with one application and its crontab."""

import sys
import time

import pytest


class CronSite:
    """A site folder; `crontab` writes that of `myapp`."""

    def __init__(self, root):
        self.root = root
        self.app = root / "applications" / "myapp"
        for name in ("controllers", "models", "cron", "private"):
            (self.app / name).mkdir(parents=True)

    def crontab(self, *lines, app="myapp"):
        path = self.root / "applications" / app / "cron" / "crontab"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def touching(self, name="ran", code=""):
        """An external command that adds a line to a file and runs `code`."""
        script = self.app / "private" / f"{name}.py"
        script.write_text(f"open({str(self.root / name)!r}, 'a').write('x\\n')\n{code}\n", encoding="utf-8")
        return f'"{sys.executable}" "{script}"'

    def count(self, name="ran"):
        """How often the command ran."""
        try:
            return (self.root / name).read_text().count("x")
        except FileNotFoundError:
            return 0


@pytest.fixture
def site(tmp_path):
    return CronSite(tmp_path)


@pytest.fixture
def eventually():
    def wait(condition, what="the condition", patience=60.0):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{what} did not come true")

    return wait
