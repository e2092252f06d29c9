"""`AppConfig`: settings of an application from ``private/appconfig.ini`` or ``.json``."""

from __future__ import annotations

import configparser
import json
import os
from collections.abc import Callable
from typing import Any

from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.web.code import Stamp, stamp_of

_READ: dict[str, tuple[Stamp, dict[str, Any]]] = {}
_MISSING = object()


class AppConfigError(UserError):
    """A settings file is missing or broken, or lacks a name; the text says which."""


class AppConfig:
    """The settings of the running application, read anew when the file changed.

    Args:
        configfile: path of the file; relative ones lie in the application's
            folder. ``private/appconfig.ini`` by default, else ``private/appconfig.json``.
        reload: accepted for compatibility; changes are always seen.

    Raises:
        AppConfigError: there is no such file, or it can not be read.
    """

    def __init__(self, configfile: str | None = None, reload: bool = False) -> None:
        folder = current.request.folder
        names = [configfile] if configfile else ["private/appconfig.ini", "private/appconfig.json"]
        paths = [os.path.join(folder, name) for name in names]
        path = next((p for p in paths if stamp_of(p) is not None), None)
        if path is None:
            raise AppConfigError(f"there is no settings file {paths[0]}")
        self._path = path
        self._values = _read(path)

    def take(self, path: str, cast: Callable[[str], Any] | None = None) -> Any:
        """Return the setting ``section.name`` as it is written, or through `cast`.

        Raises:
            AppConfigError: there is no such setting, or `cast` refused it.
        """
        value: Any = self._values
        for part in path.split("."):
            value = value.get(part, _MISSING) if isinstance(value, dict) else _MISSING
            if value is _MISSING:
                raise AppConfigError(f"{self._path} has no setting {path}")
        if cast is None:
            return value
        try:
            return cast(value)
        except (ValueError, TypeError) as error:
            raise AppConfigError(f"{self._path}: {path} = {value!r} can not be used: {error}") from error

    def get(self, path: str, default: Any = None) -> Any:
        """Return the setting ``section.name`` as the kind it looks like, or `default`.

        ``true``/``false`` become booleans, numbers numbers, texts with commas
        lists, an empty text and ``none`` become None.
        """
        try:
            value = self.take(path)
        except AppConfigError:
            return default
        return guess(value) if isinstance(value, str) else value

    def __getitem__(self, name: str) -> Any:
        return self._values[name]


def guess(text: str) -> Any:
    """Return `text` as the kind of value it looks like; see `AppConfig.get`."""
    text = text.strip()
    word = text.lower()
    if word in ("", "none", "null"):
        return None
    if word in ("true", "false"):
        return word == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return [part.strip() for part in text.split(",")] if "," in text else text


def _read(path: str) -> dict[str, Any]:
    stamp = stamp_of(path)
    known = _READ.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        with open(path, encoding="utf-8-sig") as stream:
            if path.endswith(".json"):
                values: dict[str, Any] = json.load(stream)
            else:
                parser = configparser.ConfigParser(interpolation=None)
                parser.read_file(stream, path)
                values = {name: dict(parser.items(name)) for name in parser.sections()}
    except (OSError, ValueError, configparser.Error) as error:
        raise AppConfigError(f"{path} can not be read: {error}") from error
    if stamp is not None:
        _READ[path] = (stamp, values)
    return values
