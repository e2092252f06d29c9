"""`hadron new | install | pack | compile | uninstall`: applications as whole folders (PACK-02, PACK-03)."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from runtime.cli.parser import UsageError

EXIT_OK = 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        command = self.prog.removeprefix("hadron ")
        raise UsageError(f"{command}: {message}; `hadron {command} --help` tells how")


def _parser(command: str, purpose: str) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"hadron {command}", description=purpose, allow_abbrev=False)
    parser.add_argument("-f", "--folder", help="the site folder; default that of the window")
    return parser


def _carry_out(
    parser: argparse.ArgumentParser,
    arguments: Sequence[str],
    order: Callable[[Path, argparse.Namespace], None],
) -> int:
    from runtime.config.server_config import site_folder

    try:
        options = parser.parse_args(arguments)
    except SystemExit:  # after --help
        return EXIT_OK
    order(site_folder(options.folder), options)
    return EXIT_OK


def new(arguments: Sequence[str]) -> int:
    """Carry out ``hadron new NAME`` and return the exit code."""
    parser = _parser("new", "Make a new application from the scaffolding, with secrets of its own.")
    parser.add_argument("name", help="letters, digits and underscore")
    parser.add_argument("--from", dest="pack", metavar="PACK", help="another pack to start from")
    return _carry_out(parser, arguments, _new)


def _new(site: Path, options: argparse.Namespace) -> None:
    from runtime.admin.applications import create_application
    from runtime.admin.site import prepare

    prepare(site, create=True)
    pack = Path(options.pack) if options.pack else None
    print(f"made {create_application(site, options.name, pack).folder}")


def install(arguments: Sequence[str]) -> int:
    """Carry out ``hadron install FILE|FOLDER`` and return the exit code."""
    parser = _parser("install", "Install an application from a pack (.w2p, .tar, .tgz) or a folder.")
    parser.add_argument("origin", metavar="FILE|FOLDER", help="where the application is")
    parser.add_argument("--name", help="name of the application; default that of the file or folder")
    return _carry_out(parser, arguments, _install)


def _install(site: Path, options: argparse.Namespace) -> None:
    from runtime.admin.applications import install_folder, install_pack
    from runtime.admin.site import prepare

    origin = Path(options.origin).expanduser().absolute()
    if not origin.exists():
        raise UsageError(f"install: there is no file or folder {origin}")
    name = options.name or name_of(origin)
    prepare(site, create=True)
    made = (install_folder if origin.is_dir() else install_pack)(site, name, origin)
    print(f"installed {made.name} in {made.folder}")


def name_of(origin: Path) -> str:
    """Return the name for an application that comes from the file or folder `origin`."""
    name = origin.name
    if not origin.is_dir():
        name = re.sub(r"\.(w2p|w3p|tar\.gz|tgz|tar)$", "", name, flags=re.IGNORECASE)
        name = re.sub(r"^web2py\.app\.|\.compiled$", "", name)
    name = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")
    if not name:
        raise UsageError("install: the file's name gives no name for the application; --name gives one")
    return name


def pack(arguments: Sequence[str]) -> int:
    """Carry out ``hadron pack APP`` and return the exit code."""
    parser = _parser("pack", "Write an application into one file, without sessions, errors and cache.")
    parser.add_argument("application", help="name of the application")
    parser.add_argument(
        "--compiled",
        action="store_true",
        help="code for this version of Python instead of models, controllers and views",
    )
    parser.add_argument("--data", action="store_true", help="databases and uploads, too")
    parser.add_argument("--out", metavar="FILE", help="the pack; default APP.w2p or APP.compiled.w2p here")
    return _carry_out(parser, arguments, _pack)


def _pack(site: Path, options: argparse.Namespace) -> None:
    from runtime.admin.applications import pack as pack_application

    default = f"{options.application}{'.compiled' if options.compiled else ''}.w2p"
    target = Path(options.out or default).expanduser().absolute()
    if not target.parent.is_dir():
        raise UsageError(f"pack: there is no folder {target.parent}")
    entries = pack_application(
        site, options.application, target, with_data=options.data, compiled_only=options.compiled
    )
    print(f"packed {len(entries)} files into {target}")


def compile_one(arguments: Sequence[str]) -> int:
    """Carry out ``hadron compile APP`` and return the exit code."""
    parser = _parser(
        "compile",
        "Compile models, controllers and views, which checks them all. The compiled form serves when there "
        "are no controllers in source form; `hadron pack --compiled` makes a pack without sources.",
    )
    parser.add_argument("application", help="name of the application")
    parser.add_argument("--remove", action="store_true", help="remove the compiled form")
    parser.add_argument("--skip-failed-views", action="store_true", help="leave out views with a mistake")
    parser.add_argument(
        "--delimiters", metavar="TAGS", default="{{ }}", help="begin and end of a tag; default '{{ }}'"
    )
    return _carry_out(parser, arguments, _compile)


def _compile(site: Path, options: argparse.Namespace) -> None:
    from runtime.admin.applications import existing_application
    from runtime.web.compiled_app import compile_application, remove_compiled

    folder = existing_application(site, options.application)
    if options.remove:
        there = remove_compiled(folder)
        print(f"{'removed' if there else 'there is no'} {folder / 'compiled'}")
        return
    tags = options.delimiters.split()
    if len(tags) != 2:
        raise UsageError("compile: --delimiters needs begin and end of a tag, as '{{ }}'")
    header, failed = compile_application(
        folder, delimiters=(tags[0], tags[1]), skip_failed_views=options.skip_failed_views
    )
    for problem in failed:
        print(f"left out {problem}")
    print(
        f"compiled {len(header.models)} models, {len(header.controllers)} controllers and "
        f"{len(header.views)} views of {options.application} for {header.python}"
    )


def uninstall(arguments: Sequence[str]) -> int:
    """Carry out ``hadron uninstall APP`` and return the exit code."""
    parser = _parser("uninstall", "Move an application out of the site into the folder deposit.")
    parser.add_argument("application", help="name of the application")
    return _carry_out(parser, arguments, _uninstall)


def _uninstall(site: Path, options: argparse.Namespace) -> None:
    from runtime.admin.applications import remove_application

    print(f"moved to {remove_application(site, options.application)}")
