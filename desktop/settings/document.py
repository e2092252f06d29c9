"""The text of the settings file: TOML that a person can read, with every option explained (ST-03)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from desktop.settings.schema import OPTIONS, SECTIONS

HEADING = "# Settings of Hadron. A line that begins with # is not in effect; passwords are kept elsewhere.\n"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_document(document: Mapping[str, Any]) -> str:
    """The text of a file with these tables; options without a value are listed with their default.

    What no option knows (of a newer version) is kept as it is.
    """
    parts = [HEADING]
    loose = {key: value for key, value in document.items() if not isinstance(value, Mapping)}
    parts.append(_lines(loose))
    for section in SECTIONS:
        parts.append(_section(section, document.get(section, {})))
    for name, table in document.items():
        if isinstance(table, Mapping) and name not in SECTIONS:
            parts.append(_table(_key(name), table))
    return "\n".join(part for part in parts if part)


def _section(section: str, table: Mapping[str, Any]) -> str:
    lines = [f"[{section}]"]
    options = [option for option in OPTIONS if option.section == section]
    for option in options:
        lines.append(f"# {option.sentence}")
        if option.key in table:
            lines.append(f"{option.key} = {_value(table[option.key])}")
        else:
            lines.append(f"#{option.key} = {_value(option.default)}")
    known = {option.key for option in options}
    rest = {key: value for key, value in table.items() if key not in known}
    text = "\n".join(lines) + "\n"
    return text + _body(section, rest)


def _table(name: str, table: Mapping[str, Any]) -> str:
    return f"[{name}]\n{_body(name, table)}"


def _body(name: str, table: Mapping[str, Any]) -> str:
    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    text = _lines(values)
    for key, inner in table.items():
        if isinstance(inner, Mapping):
            text += "\n" + _table(f"{name}.{_key(key)}", inner)
    return text


def _lines(values: Mapping[str, Any]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in values.items())


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + "}"
    return str(value)  # numbers, dates and times are written in TOML as in Python


def _text(value: str) -> str:
    """A basic string: JSON's escapes are TOML's too, apart from DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
