"""Running a file or a function of an application: `hadron run`, `-S APP -R FILE` (TASKQ, CRON-07..12)."""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from runtime.cli.subparser import SubcommandParser, add_folder, parse_or_help, site_of
from runtime.foundation.problems import UserError

EXIT_OK, EXIT_FAILED, EXIT_INTERRUPTED = 0, 1, 130


@dataclass(frozen=True)
class Job:
    """What to run.

    Attributes:
        site: the site folder.
        application: its name, or ``APP/controller`` or ``APP/controller/function``: where it runs.
        script: a Python file; empty to call the function of `application`.
        arguments: what the script finds in ``sys.argv[1:]`` and ``sys.args``.
        models: run the models first.
        cronjob: started by cron: errors become tickets (ERR-12).
    """

    site: Path
    application: str
    script: str = ""
    arguments: Sequence[str] = ()
    models: bool = True
    cronjob: bool = False


def run_command(arguments: Sequence[str]) -> int:
    """Carry out ``hadron run ...``; returns the exit code of the script.

    Raises:
        UserError: the command line, the application or the script is wrong.
    """
    options = parse_or_help(_parser(), arguments)
    if options is None:
        return EXIT_OK
    target: str = options.target
    is_function = not target.endswith(".py") and "." not in target
    place = options.application
    if is_function:
        place = f"{options.application}/{target}" + ("" if "/" in target else "/index")
    return run_job(
        Job(
            site=site_of(options),
            application=place,
            script="" if is_function else target,
            arguments=options.args,
            models=not options.no_models,
            cronjob=options.cronjob,
        )
    )


def _parser() -> argparse.ArgumentParser:
    parser = SubcommandParser(
        "run",
        "Run a Python file, or a function of a controller, in an application's environment, with its models. "
        "What is not committed is rolled back at the end.",
    )
    add_folder(parser)
    parser.add_argument("--no-models", action="store_true", help="do not run the models first")
    parser.add_argument("-J", "--cronjob", action="store_true", help="started by cron: errors become tickets")
    parser.add_argument("application", metavar="APP")
    parser.add_argument(
        "target", metavar="FILE|CONTROLLER/FUNCTION", help="a file that ends in .py, or controller/function"
    )
    parser.add_argument("args", nargs=argparse.REMAINDER, metavar="ARGS", help="for the script: sys.argv[1:]")
    return parser


def run_job(job: Job) -> int:
    """Run what `job` says and return the exit code: that of the script, 1 after an error.

    Raises:
        UserError: there is no such application, controller, function or script.
    """
    from runtime.server.logs import configure_logging
    from runtime.web.outside import call_function, environment_of, find_script, parse_place, run_script

    place = parse_place(job.application)
    if not (job.site / "applications" / place.application).is_dir():
        raise UserError(f"there is no application {place.application!r} in {job.site}")
    script = find_script(job.site, place.application, job.script) if job.script else None
    configure_logging(job.site, logging.WARNING, sys.stderr)

    def told(error: Exception) -> None:
        if job.cronjob:
            _ticket(job, place.application, error)
        else:
            print("".join(own_lines(error)), end="", file=sys.stderr)

    def work() -> None:
        with environment_of(
            job.site, place, models=job.models, cronjob=job.cronjob, on_error=told
        ) as environment:
            if script is not None:
                run_script(environment, script, job.arguments)
                return
            result = call_function(environment, place)
            if result is not None:
                print(result)

    return guarded(work)


def guarded(work: Callable[[], None]) -> int:
    """Do `work` and turn what it raises into an exit code; errors have been told already."""
    from runtime.foundation.http import HTTP

    try:
        work()
    except UserError:
        raise
    except SystemExit as error:
        return exit_code(error.code)
    except HTTP as error:
        if error.code < 400:  # a redirect: an intended answer that nobody waits for
            return EXIT_OK
        print(f"HTTP {error.status}: {error.body}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except Exception:
        return EXIT_FAILED
    return EXIT_OK


def exit_code(value: object) -> int:
    """Return the exit code that ``sys.exit(value)`` means; a text is printed, as Python does."""
    if value is None:
        return EXIT_OK
    if isinstance(value, int):
        return value
    print(value, file=sys.stderr)
    return EXIT_FAILED


def own_lines(error: BaseException) -> list[str]:
    """Return the traceback of `error` from the first line of the application or script on."""
    found: TracebackType | None = error.__traceback__
    while found is not None and _is_ours(found.tb_frame.f_code.co_filename):
        found = found.tb_next
    return traceback.format_exception(type(error), error, found)


_OURS = str(Path(__file__).resolve().parents[1])


def _is_ours(file: str) -> bool:
    return file.startswith(_OURS) or file == "<frozen importlib._bootstrap>"


def _ticket(job: Job, application: str, error: BaseException) -> None:
    """Write a ticket; its number and the traceback go to standard error, where cron reads them (CRON-12)."""
    from runtime import dal
    from runtime.errors import record_error
    from runtime.foundation.current import current
    from runtime.views import locate_frame
    from runtime.web.request import application_folder

    own: Any = current
    number, _ = record_error(
        application_folder(str(job.site), application),
        application,
        error,
        request=getattr(own, "request", None),
        statements=dal.statements,
        locate=locate_frame,
    )
    print(f"ticket: {number}", file=sys.stderr, flush=True)
