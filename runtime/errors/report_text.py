"""Texts that people send to others: without secrets, whatever they were put together from (SH-16, SH-24)."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path, PurePath, PureWindowsPath

from runtime.errors.safe_values import MASK, is_login, is_secret, mask_text

_ITEMS = r"""[\[{(][^\]})]*[\]})]"""
_PAIR = re.compile(rf"""([\w.-]+)(["']?\s*[=:]\s*)(?!["'])({_ITEMS}|[^\s,;&"')\]}}]+)""")
_SETTING = re.compile(r"^(\s*([\w.-]+)\s*[=:]\s+)([^\s\"'\[{(].*)$")
_ARGUMENT = re.compile(r"(?<!\S)(--?([a-z][\w-]*)\s+)(?!-)(\S+)", re.IGNORECASE)
_HEADER = re.compile(r"\b((?:proxy-)?authorization|set-cookie|cookie)(\s*[:=]\s*)([^\r\n]+)", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer|basic)(\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_KEY_BLOCK = re.compile(r"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", re.DOTALL)
_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_SHAPES = re.compile(
    rf"\b\d{{10,}}-{_UUID}"  # a key of a link in a mail
    rf"|(?<![\w.:])[\d.a-f:]{{3,45}}-{_UUID}"  # the id of a session
    r"|\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*",  # a web token
)


def clean_report(text: str, home: PurePath | None = None) -> str:
    """Return `text` without secrets: what is assigned to secret names, headers, passwords of addresses.

    Args:
        home: folder of the user, written as ``~``; default the present one's.
    """
    text = _KEY_BLOCK.sub(MASK, text)
    text = "\n".join(_clean_line(line) for line in text.split("\n"))
    folders = [home] if home is not None else [Path.home(), Path.home().resolve()]
    for folder in folders:
        if len(folder.parts) > 1:
            text = _written(folder).sub("~", text)
    return text


def _clean_line(line: str) -> str:
    line = _HEADER.sub(rf"\1\2{MASK}", line)
    line = _BEARER.sub(rf"\1\2{MASK}", line)
    line = _SHAPES.sub(MASK, line)
    line = mask_text(line)
    line = _SETTING.sub(lambda found: f"{found[1]}{MASK}" if _hides(found[2], found[3]) else found[0], line)
    line = _ARGUMENT.sub(lambda found: f"{found[1]}{MASK}" if is_secret(found[2]) else found[0], line)
    return _PAIR.sub(_pair, line)


def _pair(found: re.Match[str]) -> str:
    if found[3].startswith(MASK[:-1]) or not _hides(found[1], found[3]):
        return found[0]
    return f"{found[1]}{found[2]}{MASK}"


def _hides(name: str, value: str) -> bool:
    name = name.rpartition(".")[2]
    return is_secret(name) or is_login(name, value)


def _written(folder: PurePath) -> re.Pattern[str]:
    """Return what finds a folder as paths, texts of errors and addresses write it, and no longer name."""
    of_windows = isinstance(folder, PureWindowsPath)
    separator = r"[\\/]+" if of_windows else "/"
    parts = [part for part in str(folder).replace("\\", "/" if of_windows else "\\").split("/") if part]
    names = separator.join(f"(?:{re.escape(part)}|{re.escape(urllib.parse.quote(part))})" for part in parts)
    return re.compile(rf"{'' if of_windows else '/'}{names}(?![\w.-])", re.IGNORECASE if of_windows else 0)
