"""The documented upper-case options that start a tool instead of a server: -S, -T, -C, --run_system_tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from runtime.cli.parser import Options, UsageError

_BELONGS_TO = {
    "run": "shell",
    "args": "run",
    "import_models": "shell",
    "plain": "shell",
    "bpython": "shell",
    "verbose": "test",
}
"""Options that mean nothing without another one."""


def chosen(given: dict[str, Any], options: Options) -> Callable[[], int] | None:
    """Return the tool that the command line asks for, None for a server or the window.

    Args:
        given: from `parse`.
        options: from `make_options`.

    Raises:
        UsageError: options do not go together.
    """
    for name, wanted in _BELONGS_TO.items():
        if name in given and wanted not in given:
            raise UsageError(f"{_flag(name)} needs {_flag(wanted)}")
    asked = [name for name in ("run_system_tests", "test", "shell", "cron") if given.get(name)]
    if len(asked) > 1:
        raise UsageError(f"{_flag(asked[0])} and {_flag(asked[1])} exclude each other")
    if not asked:
        return _external_cron(options) if options.config.cron == "external" else None
    return _TOOLS[asked[0]](given, options)


def _flag(name: str) -> str:
    from runtime.config import BY_NAME

    return BY_NAME[name].flags[0]


def _external_cron(options: Options) -> Callable[[], int]:
    from runtime.cli.cron import run_due_jobs

    config = options.config
    return partial(run_due_jobs, config.folder, config.debug_level, quiet=config.quiet)


def _system_tests(given: dict[str, Any], options: Options) -> Callable[[], int]:
    from runtime.cli.testing import run_system_tests

    return run_system_tests


def _doctests(given: dict[str, Any], options: Options) -> Callable[[], int]:
    from runtime.cli.testing import run_doctests_of

    return partial(run_doctests_of, options.config.folder, given["test"], verbose=bool(given.get("verbose")))


def _shell(given: dict[str, Any], options: Options) -> Callable[[], int]:
    models = bool(given.get("import_models"))
    if given.get("run"):
        from runtime.cli.scripts import Job, run_job

        job = Job(
            site=options.config.folder,
            application=given["shell"],
            script=given["run"],
            arguments=tuple(given.get("args") or ()),
            models=models,
            cronjob=options.config.cronjob,
        )
        return partial(run_job, job)
    from runtime.cli.shell import run_shell

    kind = "plain" if given.get("plain") else "bpython" if given.get("bpython") else "best"
    return partial(run_shell, options.config.folder, given["shell"], kind=kind, models=models)


_TOOLS: dict[str, Callable[[dict[str, Any], Options], Callable[[], int]]] = {
    "run_system_tests": _system_tests,
    "test": _doctests,
    "shell": _shell,
    "cron": lambda given, options: _external_cron(options),
}
