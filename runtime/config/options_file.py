"""The options file of `-L` (CONF-01..05)."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.config.interfaces import ConfigError
from runtime.config.options import BY_FILE_NAME, OPTIONS

_SILENT_NAMES = frozenset({"nocron", "extcron", "runcron"})


def load_options_file(path: str | Path, warn: Callable[[str], None]) -> dict[str, Any]:
    """Execute the options file and return option names with their values (CONF-01).

    The file is Python and runs with this process's rights, as the person who
    names it with `-L` intends. Modules, functions, classes and names that
    start with an underscore are its own business; other unknown names are
    reported through `warn` (LOCK-10).

    Raises:
        ConfigError: the file cannot be read or executed.
    """
    file = Path(path).expanduser()
    try:
        source = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"options file {file} cannot be read: {error.strerror}") from None
    namespace: dict[str, Any] = {"__file__": str(file), "__name__": "options"}
    try:
        exec(compile(source, str(file), "exec"), namespace)  # noqa: S102 - the format of the file
    except SystemExit:
        raise ConfigError(f"options file {file} calls exit") from None
    except Exception as error:
        line = _line_of(error, str(file))
        where = f", line {line}" if line else ""
        raise ConfigError(f"options file {file}{where}: {type(error).__name__}: {error}") from None
    return _pick(namespace, file, warn)


def _pick(namespace: dict[str, Any], file: Path, warn: Callable[[str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in namespace.items():
        if name.startswith("_") or isinstance(value, (types.ModuleType, types.FunctionType, type)):
            continue
        option = BY_FILE_NAME.get(name)
        if option is None:
            warn(f"options file {file.name}: unknown name {name!r} is ignored")
            continue
        if option.notice and value is not None and name not in _SILENT_NAMES:  # CONF-04
            warn(f"options file {file.name}: {option.notice}")
        found[option.name] = value
    return found


def _line_of(error: BaseException, file: str) -> int | None:
    if isinstance(error, SyntaxError):
        return error.lineno
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def sample_options_file() -> str:
    """Return the text of the sample ``options_std.py`` (CONF-02, CONF-05)."""
    lines = [
        '"""Sample options file: copy it to the site folder, edit it, start with `hadron -L options.py`.',
        "",
        "It is Python. What the command line sets wins over what stands here.",
        '"""',
        "",
        "import os",
        "import socket",
        "",
    ]
    for option in OPTIONS:
        if option.file_name and option.sample is not None:
            lines += [f"# {option.help}", f"{option.file_name} = {option.sample}", ""]
    return "\n".join(lines)
