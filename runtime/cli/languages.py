"""``hadron languages``: scan, count, export and import the translations of an application (T-20, TR-18)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from runtime.cli.parser import UsageError
from runtime.config import build_config
from runtime.foundation.problems import UserError

COMMANDS_HELP = """usage: hadron languages scan APP [--write] [--remove-unused] [-f FOLDER]
       hadron languages stats APP [-f FOLDER]
       hadron languages export APP LANGUAGE FILE [-f FOLDER]
       hadron languages import APP FILE [LANGUAGE] [--write] [-f FOLDER]

APP is the name of an application or the path of its folder; the ending of FILE (.po, .csv, .xlsx, .xlf)
tells its format. Without --write nothing is changed: scan and import show what would be."""
MOST_SHOWN = 40
EXIT_OK, EXIT_PROBLEM = 0, 1


def run(arguments: Sequence[str]) -> int:
    """Carry out ``hadron languages`` with `arguments` and return the exit code: 1 when a file has a problem.

    Raises:
        UserError: the arguments cannot be understood, or a file cannot be used.
    """
    if any(argument in ("-h", "--help") for argument in arguments):
        print(COMMANDS_HELP)
        return EXIT_OK
    words, flags, folder = _split(arguments)
    if len(words) < 2 or words[0] not in COMMANDS:
        raise UsageError(COMMANDS_HELP)
    command, least, most, allowed = COMMANDS[words[0]]
    if not least <= len(words) - 2 <= most or flags - allowed:
        raise UsageError(COMMANDS_HELP)
    return command(_application(words[1], folder), words[2:], flags)


def _split(arguments: Sequence[str]) -> tuple[list[str], set[str], str]:
    words: list[str] = []
    flags: set[str] = set()
    folder = ""
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-f", "--folder"):
            folder = next(rest, "")
        elif argument.startswith("--folder="):
            folder = argument.partition("=")[2]
        elif argument.startswith("-"):
            flags.add(argument)
        else:
            words.append(argument)
    return words, flags, folder


def _application(name: str, folder: str) -> Path:
    site = Path(build_config({"folder": folder} if folder else {}, {}).folder)
    inside = site / "applications" / name
    found = inside if inside.is_dir() else Path(name)
    if not found.is_dir():
        raise UserError(f"there is no application {name}: neither {inside} nor {found} is a folder")
    return found


def _scan(application: Path, _words: Sequence[str], flags: set[str]) -> int:
    from runtime.admin.languages import scan, update_all_languages

    result = scan(application)
    sources = result.sources
    print(f"{len(result.places)} strings in {sources.files} files of {application.name}")
    for place, reason in sources.warnings:
        print(f"warning: {place.file}:{place.line}: {reason}")
    for file, reason in sources.problems.items():
        print(f"problem: {file}: {reason}")
    for language, changes in result.files.items():
        if changes.problem:
            print(f"{language}: cannot be read, left alone: {changes.problem}")
            continue
        found = f"{len(changes.new)} new, {len(changes.unused)} unused, {len(changes.near)} near matches"
        print(f"{language}: {found}")
        _list("+", changes.new)
        _list("-", changes.unused)
        for match in changes.near:
            print(f"  ~ {match.unused!r} may be {match.new!r} now ({match.likeness:.0%})")
    if "--write" in flags:
        update_all_languages(application, "--remove-unused" in flags, result)
        print("written")
    return EXIT_PROBLEM if any(changes.problem for changes in result.files.values()) else EXIT_OK


def _list(sign: str, keys: Sequence[str]) -> None:
    for key in keys[:MOST_SHOWN]:
        print(f"  {sign} {key!r}")
    if len(keys) > MOST_SHOWN:
        print(f"  {sign} and {len(keys) - MOST_SHOWN} more")


def _stats(application: Path, _words: Sequence[str], _flags: set[str]) -> int:
    from runtime.admin.languages import scan, statistics

    counts = statistics(application, scan(application))
    width = max([len(name) for name in counts] + [8])
    print(f"{'language':<{width}}  {'done':>5}  {'strings':>7}  {'to go':>5}  {'unused':>6}  name")
    for name, count in counts.items():
        if count.problem:
            print(f"{name:<{width}}  cannot be read: {count.problem}")
            continue
        row = (
            f"{count.percent:>4}%  {count.total:>7}  {count.untranslated:>5}  {count.unused:>6}  {count.name}"
        )
        print(f"{name:<{width}}  {row}")
    return EXIT_PROBLEM if any(count.problem for count in counts.values()) else EXIT_OK


def _export(application: Path, words: Sequence[str], _flags: set[str]) -> int:
    from runtime.admin.exchange import export_language, format_of
    from runtime.admin.languages import scan

    language, target = words
    format_of(target)
    try:
        content = export_language(application, language, target, scan(application))
    except OSError as error:
        raise UserError(f"{target} cannot be written: {error.strerror or error}") from error
    print(f"{len(content.entries)} strings and {len(content.words)} plural words written to {target}")
    return EXIT_OK


def _import(application: Path, words: Sequence[str], flags: set[str]) -> int:
    from runtime.admin.exchange import apply, compare, read_file

    language = words[1] if len(words) > 1 else ""
    diff = compare(application, read_file(words[0], language), language)
    for reason in diff.skipped:
        print(f"skipped: {reason}")
    for change in diff.texts:
        print(f"{change.kind}: {change.key!r}: {change.before!r} -> {change.after!r}")
        for finding in change.findings:
            print(f"  warning: {finding.message}")
    for word in diff.words:
        print(f"plural of {word.word!r}: {list(word.before or ())} -> {list(word.after)}")
    differ = f"{len(diff.texts)} strings and {len(diff.words)} words differ"
    print(f"{diff.language}: {differ}, {diff.unchanged} do not")
    if "--write" not in flags:
        print("nothing was written; add --write to take these changes")
        return EXIT_OK
    try:
        done = apply(diff)
    except (OSError, TimeoutError) as error:
        raise UserError(f"{diff.path} cannot be written: {error}") from error
    for key in done.left:
        print(f"left alone, it changed meanwhile: {key!r}")
    print(f"{done.texts} strings and {done.words} words written")
    return EXIT_PROBLEM if done.left else EXIT_OK


Command = Callable[[Path, Sequence[str], set[str]], int]
COMMANDS: dict[str, tuple[Command, int, int, set[str]]] = {
    "scan": (_scan, 0, 0, {"--write", "--remove-unused"}),
    "stats": (_stats, 0, 0, set()),
    "export": (_export, 2, 2, set()),
    "import": (_import, 1, 2, {"--write"}),
}
"""Name to function, least and most further words, and flags."""
