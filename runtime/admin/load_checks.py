"""Which applications of a site load, as the inspector says; kept until their sources change (AP-01)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from runtime.admin.applications import ApplicationInfo
from runtime.admin.inspector import Inspector, InspectorProblem, Limits
from runtime.admin.inspector.stamps import fingerprint
from runtime.foundation.files import write_atomic

GENTLE = Limits(load=30.0, gentle=True)
"""Limits of a child that nobody waits for: more time, since everything else comes first."""
UNTOLD = ("unmade", "writes")
"""Kinds of problems that do not tell whether an application loads when it is served."""
_FORMAT = 2


@dataclass(frozen=True, slots=True)
class LoadCheck:
    """What was found about one application.

    Attributes:
        name: of the application.
        fingerprint: of the sources that were looked at; see `runtime.admin.inspector.stamps`.
        kind: empty when the models run to their end, else the kind of the inspector's problem.
        message: why they do not, for a person; empty when they do.
        file: where, relative to the application's folder; empty when not known.
        line: line of `file`; 0 when not known.
        when: seconds since 1970.
        advice: what to mend although it loads; empty for nothing.
    """

    name: str
    fingerprint: str
    kind: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    when: float = 0.0
    advice: str = ""

    @property
    def fault(self) -> str:
        """Why the application does not load; empty when it does, or when that can't be told."""
        return "" if self.kind in ("", *UNTOLD) else self.message

    @property
    def note(self) -> str:
        """Why it can't be told; empty when it can."""
        return self.message if self.kind in UNTOLD else ""


def can_be_checked(info: ApplicationInfo) -> bool:
    """Tell whether an application is on, and has sources whose models can be run."""
    return info.state == "on" and not info.problem


def check_application(
    site: Path,
    name: str,
    limits: Limits | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> LoadCheck:
    """Run the models of an application in a child with limits, change nothing, and say whether they end.

    Args:
        site: the site folder.
        name: of the application.
        limits: of the child; default `Limits()`.
        cancelled: asked often; True calls the check off.

    Raises:
        InspectorProblem: it was called off, or there is no such application.
    """
    folder = site / "applications" / name
    before = fingerprint(folder)
    if folder.is_dir() and not any((folder / "models").rglob("*.py")):
        return LoadCheck(name, before, when=time.time())
    with closing(Inspector(site, name, limits)) as inspector:
        return check_of(name, before, inspector.describe(cancelled=cancelled))


def check_of(name: str, sources: str, report: dict[str, Any]) -> LoadCheck:
    """Return what a report of the inspector about the sources with the fingerprint `sources` says."""
    if report["loads"]:
        return LoadCheck(name, sources, when=time.time(), advice=report["advice"])
    problem = InspectorProblem.of(report["problem"])
    message = str(problem) or "It does not load."
    return LoadCheck(name, sources, problem.kind, message, problem.file, problem.line, time.time())


def kept_file(data: Path, site: Path) -> Path:
    """Return the file below the user's folder `data` that keeps the checks of `site`."""
    return data / "checks" / f"{hashlib.sha256(str(site.absolute()).encode()).hexdigest()[:20]}.json"


def read_kept(path: Path) -> dict[str, LoadCheck]:
    """Return the checks kept in a file, by name; none when there is no such file, or it can't be read."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            return {}
        kinds = {each.name: type(getattr(_EMPTY, each.name)) for each in fields(LoadCheck)}
        out = {}
        for one in kept["applications"]:
            check = LoadCheck(**{name: kind(one[name]) for name, kind in kinds.items()})
            out[check.name] = check
        return out
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # they are found again by checking


_EMPTY = LoadCheck("", "")


def write_kept(path: Path, checks: Iterable[LoadCheck]) -> None:
    """Keep checks in a file.

    Raises:
        OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"format": _FORMAT, "applications": [asdict(one) for one in checks]}
    write_atomic(path, json.dumps(kept, indent=1), mode=0o600)
