"""Files of translations and of word forms: read as data, written in one step (T-19, T-PL-17).

A file is one dictionary literal; it is never executed. One that cannot be
read gives ``{'__corrupted__': reason}`` and is never written to.
"""

from __future__ import annotations

import ast
import io
import os
import tokenize
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock
from runtime.foundation.problems import UserError

CORRUPTED = "__corrupted__"
"""The only key of what is read from a file that is no dictionary of texts."""

LOCK_NAME = ".lock"
"""The lock file of a folder of languages."""

HEADER = "# -*- coding: utf-8 -*-\n"
PLURAL_HEADER = HEADER + '# "word": ["its first plural form", "its second", ...]\n'
LANGUAGE_CODE, LANGUAGE_NAME = "!langcode!", "!langname!"
META_KEYS = frozenset({LANGUAGE_CODE, LANGUAGE_NAME})
"""Keys that describe the file and are no strings to translate (T-19)."""

Texts = dict[str, str]
Words = dict[str, list[str]]
Value = TypeVar("Value", str, list[str])
StrPath = str | os.PathLike[str]


class CorruptedFile(UserError):
    """A file of translations cannot be read; it was left as it is."""


def read_dict(path: StrPath) -> Texts:
    """Return the translations of the file `path`; ``{}`` when there is none (T-19).

    A file that is no dictionary of texts gives ``{'__corrupted__': reason}``.
    """
    try:
        return load_texts(path)
    except CorruptedFile as error:
        return {CORRUPTED: str(error)}


def read_plural_dict(path: StrPath) -> dict[str, list[str]] | Texts:
    """Return the words of the file `path` and their plural forms; ``{}`` when there is none (T-PL-17).

    A file that is no such dictionary gives ``{'__corrupted__': reason}``.
    """
    try:
        return load_words(path)
    except CorruptedFile as error:
        return {CORRUPTED: str(error)}


def load_texts(path: StrPath) -> Texts:
    """Like `read_dict`, but raise `CorruptedFile` for a file that cannot be used."""
    return _load(path, lambda value: isinstance(value, str), "a text")


def load_words(path: StrPath) -> Words:
    """Like `read_plural_dict`, but raise `CorruptedFile` for a file that cannot be used."""

    def is_forms(value: object) -> bool:
        return isinstance(value, list) and all(isinstance(form, str) for form in value)

    return _load(path, is_forms, "a list of texts")


def parse_dict(source: bytes, name: str) -> dict[object, object]:
    """Return the dictionary literal `source` holds.

    Args:
        source: content of a file; UTF-8 unless its first lines name another encoding.
        name: what messages call it.

    Raises:
        CorruptedFile: it holds something else, in words for a person.
    """
    try:
        text = decode(source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\d" in a text is no business of the reader's
            value = ast.literal_eval(text.strip() or "{}")
    except SyntaxError as error:
        raise CorruptedFile(f"{name}, line {error.lineno or 1}: {error.msg}") from None
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise CorruptedFile(
            f"{name}, line {line}: not {error.encoding} text; save the file as UTF-8"
        ) from None
    except (ValueError, TypeError, MemoryError, RecursionError) as error:
        raise CorruptedFile(f"{name}: not a plain dictionary of texts ({error})") from None
    if not isinstance(value, dict):
        raise CorruptedFile(f"{name}: holds a {type(value).__name__} where a dictionary is expected")
    return value


def decode(source: bytes) -> str:
    """Return `source` as text: by its byte order mark or coding line, else UTF-8; line ends as LF.

    Raises:
        UnicodeDecodeError: it is not in that encoding.
        SyntaxError: it names an unknown encoding.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            raise
        encoding = "utf-8"  # so that decoding tells the line
    return source.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def _load(path: StrPath, is_value: Callable[[object], bool], wanted: str) -> dict[str, Value]:
    name = os.fspath(path)
    try:
        source = Path(path).read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorruptedFile(f"{name} cannot be read: {error.strerror or error}") from error
    out: dict[str, Value] = {}
    for key, value in parse_dict(source, name).items():
        if not isinstance(key, str) or not is_value(value):
            raise CorruptedFile(f"{name}: the value of {key!r} is not {wanted}")
        out[key] = value  # type: ignore[assignment] # is_value has checked it
    return out


def write_dict(path: StrPath, texts: Mapping[str, str]) -> None:
    """Write `texts` as a language file, sorted, in one step (T-19).

    A dictionary that was read from a corrupted file is not written.

    Raises:
        OSError: the file could not be written; the old one is untouched.
    """
    if CORRUPTED in texts:
        return
    write_atomic(path, HEADER + _literal(texts))


def write_plural_dict(path: StrPath, words: Mapping[str, list[str]]) -> None:
    """Write `words` as a file of plural forms, sorted, in one step (T-PL-17).

    A dictionary that was read from a corrupted file is not written.

    Raises:
        OSError: the file could not be written; the old one is untouched.
    """
    if CORRUPTED in words:
        return
    write_atomic(path, PLURAL_HEADER + _literal(words))


def _literal(entries: Mapping[str, Value]) -> str:
    lines = [f"{_quoted(key)}: {_quoted(entries[key])},\n" for key in sorted(entries, key=_sort_key)]
    return "{\n" + "".join(lines) + "}\n"


def _sort_key(key: str) -> tuple[str, str]:
    return key.casefold(), key


def _quoted(value: str | list[str]) -> str:
    text = repr(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates have no UTF-8 form
        return ascii(value)
    return text


def merge_texts(path: StrPath, texts: Mapping[str, str], *, replace: bool = False) -> Texts:
    """Add `texts` to the language file `path` under the lock of its folder; return all of them.

    What the file holds meanwhile is kept, unless `replace` is set, which
    lets `texts` win key by key.

    Raises:
        CorruptedFile: the file cannot be read, so nothing was written.
        OSError, TimeoutError: it could not be written or locked.
    """
    with lock_folder(path):
        return _merge(path, load_texts(path), texts, write_dict, replace)


def merge_words(path: StrPath, words: Mapping[str, list[str]], *, replace: bool = False) -> Words:
    """Like `merge_texts`, for a file of plural forms (T-PL-18)."""
    with lock_folder(path):
        return _merge(path, load_words(path), words, write_plural_dict, replace)


def remove_keys(path: StrPath, keys: Iterable[str]) -> Texts:
    """Take `keys` out of the language file `path` under the lock of its folder; return the rest.

    Raises:
        CorruptedFile, OSError, TimeoutError: as `merge_texts`.
    """
    with lock_folder(path):
        texts = load_texts(path)
        gone = [key for key in dict.fromkeys(keys) if texts.pop(key, None) is not None]
        if gone:
            write_dict(path, texts)
        return texts


def lock_folder(path: StrPath) -> AbstractContextManager[None]:
    """Hold the lock of the folder the file `path` lies in."""
    return file_lock(Path(path).parent / LOCK_NAME)


def _merge(
    path: StrPath,
    old: dict[str, Value],
    new: Mapping[str, Value],
    write: Callable[[StrPath, Mapping[str, Value]], None],
    replace: bool,
) -> dict[str, Value]:
    merged = {**old, **new} if replace else {**new, **old}
    if merged != old:
        write(path, merged)
    return merged
