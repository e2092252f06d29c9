"""A first look at a site folder: which applications it has, which load, which need attention (ST-07).

Nothing is written into the folder: models run in the inspector's child, which refuses that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from runtime.admin.applications import ApplicationInfo, applications_folder, list_applications
from runtime.admin.inspector import Inspector, Limits
from runtime.admin.inspector.stamps import fingerprint
from runtime.admin.load_checks import LoadCheck, check_of, kept_file, read_kept, write_kept
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

LOADS, ATTENTION, UNTOLD, OFF, COMPILED = "loads", "needs attention", "can't be told", "off", "compiled"
LOOK = Limits(load=20.0, untouched=True)
_FORMAT = 1

Progress = Callable[[int, int, str], None]
"""Is told of applications done, applications in all, and the one that is looked at now."""


@dataclass(frozen=True, slots=True)
class AppLook:
    """What was found about one application.

    Attributes:
        name: of the application.
        state: ``loads``, ``needs attention``, ``can't be told`` (its models would have written something),
            ``off`` or ``compiled``.
        words: what was found, or why it needs attention.
        file: where, relative to the application's folder; empty when not known.
        line: line of `file`; 0 when not known.
    """

    name: str
    state: str
    words: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SiteLook:
    """What was found in a site folder.

    Attributes:
        site: the site folder.
        when: seconds since 1970.
        seconds: that the look took.
        applications: by name.
        checks: those that can be kept for the list of applications.
    """

    site: Path
    when: float
    seconds: float
    applications: tuple[AppLook, ...]
    checks: tuple[LoadCheck, ...] = field(default=(), repr=False)

    def count(self, *states: str) -> int:
        """Return how many applications are in one of these states."""
        return sum(1 for each in self.applications if each.state in states)

    def summary(self) -> str:
        """Return the whole in one line: ``14 applications found, 13 load, 1 needs attention``."""
        total = len(self.applications)
        parts = [f"{total} application{'' if total == 1 else 's'} found"]
        for state, one, many in (
            (LOADS, "1 loads", "load"), (ATTENTION, "1 needs attention", "need attention"),
            (COMPILED, "1 compiled", "compiled"), (OFF, "1 off", "off"),
            (UNTOLD, "1 can't be told", "can't be told"),
        ):  # fmt: skip
            count = self.count(state)
            if count:
                parts.append(one if count == 1 else f"{count} {many}")
        return ", ".join(parts)


def look_site(path: Path) -> Path:
    """Return the site folder that a person means by `path`.

    The folder ``applications`` stands for its parent, an application for the site that it is in.

    Raises:
        UserError: there is no such folder, or it holds no applications.
    """
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        raise UserError(f"The folder {folder} does not exist. Choose another.")
    if applications_folder(folder).is_dir():
        return folder
    for parent in (folder, folder.parent):
        if parent.name == "applications":
            return parent.parent
    raise UserError(
        f"{folder} has no folder applications. Choose the folder that holds it, as the one of web2py does."
    )


def look(
    site: Path, progress: Progress = lambda _done, _total, _name: None, cancelled: Callable[[], bool] = bool
) -> SiteLook:
    """Look at all applications of `site`, one after the other; not for the GUI thread.

    Raises:
        InspectorProblem: it was called off.
    """
    begun = time.monotonic()
    infos = list_applications(site)
    found: list[AppLook] = []
    checks: list[LoadCheck] = []
    for done, info in enumerate(infos):
        progress(done, len(infos), info.name)
        one, check = _look_at(site, info, cancelled)
        found.append(one)
        if check is not None and check.kind != "writes":
            checks.append(check)
    return SiteLook(site, time.time(), time.monotonic() - begun, tuple(found), tuple(checks))


def _look_at(
    site: Path, info: ApplicationInfo, cancelled: Callable[[], bool]
) -> tuple[AppLook, LoadCheck | None]:
    languages = _languages(info.folder)
    if info.problem:
        return AppLook(info.name, ATTENTION, info.problem), None
    if info.state == "compiled":
        return AppLook(info.name, COMPILED, _list_words([languages]) or "no sources"), None
    if info.state == "off":
        return AppLook(info.name, OFF, "visitors see the maintenance page"), None
    sources = fingerprint(info.folder)
    with closing(Inspector(site, info.name, LOOK)) as inspector:
        report = inspector.describe(cancelled=cancelled)
    check = check_of(info.name, sources, report)
    if check.kind:
        state = ATTENTION if check.fault else UNTOLD
        return AppLook(info.name, state, check.message, check.file, check.line), check
    return AppLook(info.name, LOADS, _list_words([*_data_words(report), languages]) or "no models"), check


def _data_words(report: dict[str, Any]) -> list[str]:
    databases = report["databases"]
    tables = sum(len(each["tables"]) for each in databases)
    words = []
    if databases:
        words = [_counted(len(databases), "database"), _counted(tables, "table")]
    if report["schedulers"]:
        words.append("scheduler")
    return words


def _languages(folder: Path) -> str:
    names = [
        path.stem
        for path in (folder / "languages").glob("*.py")
        if not path.stem.startswith(("plural_rules", "__", "default"))
    ]
    return _counted(len(names), "language") if names else ""


def _counted(count: int, one: str) -> str:
    return f"{count} {one}{'' if count == 1 else 's'}"


def _list_words(words: list[str]) -> str:
    return ", ".join(word for word in words if word)


# the report, kept and as text


def look_file(data: Path, site: Path) -> Path:
    """Return the file below the user's folder `data` that keeps the report about `site`."""
    return data / "looks" / kept_file(data, site).name


def keep_look(data: Path, found: SiteLook) -> None:
    """Keep a report, and let the list of applications know what was checked.

    Raises:
        OSError: it can't be written.
    """
    path = look_file(data, found.site)
    path.parent.mkdir(parents=True, exist_ok=True)
    document = asdict(replace(found, checks=())) | {"format": _FORMAT, "site": str(found.site)}
    write_atomic(path, json.dumps(document, indent=1), mode=0o600)
    checks = kept_file(data, found.site)
    known = read_kept(checks) | {check.name: check for check in found.checks}
    write_kept(checks, known.values())


def read_look(data: Path, site: Path) -> SiteLook | None:
    """Return the report that is kept about `site`; None without one, or when it can't be read."""
    try:
        kept = json.loads(look_file(data, site).read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT:
            return None
        names = [each.name for each in fields(AppLook)]
        applications = tuple(AppLook(**{name: one[name] for name in names}) for one in kept["applications"])
        return SiteLook(Path(kept["site"]), float(kept["when"]), float(kept["seconds"]), applications)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def look_text(found: SiteLook) -> str:
    """Return the report as a text for a file or a mail."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(found.when))
    lines = [f"{found.site}, {when}", f"{found.summary()}.", ""]
    width = max([0, *(len(each.name) for each in found.applications)])
    lines += [f"{each.name:<{width}}  {each.state:<15}  {each.words}" for each in found.applications]
    return "\n".join(lines) + "\n"
