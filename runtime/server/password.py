"""The administrator's password: stored as a hash, per port, in the site folder (CLI-05..08).

``parameters_<port>.py`` holds one line, ``password = "scrypt$14$8$1$SALT$HASH"`` (log2 of N, r, p;
hexadecimal salt and hash), or ``password = "<pam_user:NAME>"``. It is read as data, never executed.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.syntax import parse_python

ASK, RECYCLE = "<ask>", "<recycle>"
_PAM_PREFIX = "<pam_user:"

_LOG_N, _R, _P = 14, 8, 1  # 16 MB and about 40 ms per try
_MOST_LOG_N, _MOST_R, _MOST_P = 17, 16, 4  # a stored hash may not ask for more


class PasswordError(UserError):
    """The password option cannot be carried out."""


def parameters_file(site: Path, port: int) -> Path:
    """Where the hash for the server on `port` is stored."""
    return site / f"parameters_{port}.py"


def set_up_password(
    site: Path, port: int, text: str | None, ask: Callable[[str], str] | None = None
) -> Path | None:
    """Carry out `-a`: store the password's hash, or keep the stored one.

    Args:
        text: what `-a` was given: a password, ``<ask>``, ``<recycle>``, ``<pam_user:NAME>``, or None.
        ask: prompts on the console; needed for ``<ask>``.

    Returns:
        The file to check passwords against; None when web administration is off:
        no password was given, or there is none to recycle.

    Raises:
        PasswordError: no console to ask on, or no PAM library.
    """
    file = parameters_file(site, port)
    if text == RECYCLE:
        return file if _stored(file) else None
    if text == ASK:
        if ask is None:
            raise PasswordError('-a "<ask>" needs a console to ask on; give the password another way')
        text = ask(f"Administrator password for port {port}: ")
    if not text:
        return None
    if text.startswith(_PAM_PREFIX) and text.endswith(">"):
        _pam_authenticate()
        stored = text
    else:
        stored = hash_password(text)
    write_atomic(file, f"password = {_quoted(stored)}\n", mode=0o600)
    return file


def verify_password(site: Path, port: int, text: str) -> bool:
    """Whether `text` is the administrator's password of the server on `port`.

    False when none is stored. Takes the same time for any wrong text.
    """
    stored = _stored(parameters_file(site, port))
    if not stored or not text:
        return False
    if stored.startswith(_PAM_PREFIX):
        try:
            return bool(_pam_authenticate()(stored[len(_PAM_PREFIX) : -1], text))
        except PasswordError:
            return False
    return _matches(stored, text)


def hash_password(text: str) -> str:
    """Return a salted scrypt hash of `text`, with its parameters."""
    salt = os.urandom(16)
    return f"scrypt${_LOG_N}${_R}${_P}${salt.hex()}${_scrypt(text, salt, _LOG_N, _R, _P).hex()}"


def _matches(stored: str, text: str) -> bool:
    try:
        scheme, *numbers, salt, digest = stored.split("$")
        log_n, r, p = map(int, numbers)
        known = bytes.fromhex(digest)
        if scheme != "scrypt" or not (0 < log_n <= _MOST_LOG_N and 0 < r <= _MOST_R and 0 < p <= _MOST_P):
            return False
        found = _scrypt(text, bytes.fromhex(salt), log_n, r, p)
    except ValueError:
        return False
    return hmac.compare_digest(known, found)


def _scrypt(text: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    n = 1 << log_n
    return hashlib.scrypt(
        text.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32
    )


def _stored(file: Path) -> str | None:
    """Return the text assigned to `password` in the file, None when there is none."""
    try:
        tree = parse_python(file.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return None
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if "password" in names and isinstance(statement.value.value, str):
                return statement.value.value or None
    return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _pam_authenticate() -> Callable[[str, str], Any]:
    """Return PAM's check of user name and password (CLI-08)."""
    try:
        module: Any = importlib.import_module("pam")
    except ImportError:
        raise PasswordError(
            '-a "<pam_user:NAME>" needs the Python package python-pam, which is not installed'
        ) from None
    check: Callable[[str, str], Any] = module.pam().authenticate
    return check
