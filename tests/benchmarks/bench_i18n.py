"""Microseconds per translated text, beside `gettext` in the same run.

Run: python -m tests.benchmarks.bench_i18n
"""

from __future__ import annotations

import gettext
import struct
import sys
import tempfile
import timeit
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from runtime.i18n import TranslatorFactory, settings, write_dict, write_plural_dict  # noqa: E402

TEXTS = {f"text number {number}": f"testo numero {number}" for number in range(500)} | {
    "hello": "ciao",
    "hi %(name)s": "salve %(name)s",
    "%s %%{book}": "%s %%{libro}",
}


def catalog(texts: dict[str, str]) -> gettext.GNUTranslations:
    """Build a gettext catalog in memory, with one plural message."""
    entries = {
        "": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n != 1;\n",
        **texts,
    }
    entries["%s book\0%s books"] = "%s libro\0%s libri"
    keys = sorted(entries, key=str.encode)
    ids, strings, table = b"", b"", []
    for key in keys:
        raw, value = key.encode(), entries[key].encode()
        table.append((len(raw), len(ids), len(value), len(strings)))
        ids += raw + b"\0"
        strings += value + b"\0"
    start = 28 + 16 * len(keys)
    originals = b"".join(struct.pack("<II", length, start + at) for length, at, _, _ in table)
    translations = b"".join(struct.pack("<II", length, start + len(ids) + at) for _, _, length, at in table)
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0)
    return gettext.GNUTranslations(BytesIO(head + originals + translations + ids + strings))


def microseconds(function: object, number: int = 50_000) -> float:
    return min(timeit.repeat(function, number=number, repeat=5)) / number * 1e6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_dict(Path(folder, "it.py"), TEXTS)
        write_plural_dict(Path(folder, "plural-it.py"), {"libro": ["libri"]})
        T = TranslatorFactory(folder, "it")
        peer = catalog(TEXTS)
        _, _n = peer.gettext, peer.ngettext
        rows = [
            ("plain text", lambda: str(T("hello")), lambda: _("hello")),
            (
                "with a value",
                lambda: str(T("hi %(name)s", {"name": "A"})),
                lambda: _("hi %(name)s") % {"name": "A"},
            ),
            ("with a plural", lambda: str(T("%s %%{book}", 5)), lambda: _n("%s book", "%s books", 5) % 5),
        ]
        print(f"{'':28}{'T':>9}{'gettext':>10}{'ratio':>8}   (microseconds)")
        for name, ours, theirs in rows:
            mine, other = microseconds(ours), microseconds(theirs)
            print(f"{name:28}{mine:9.2f}{other:10.2f}{mine / other:8.2f}   {ours()!r} {theirs()!r}")
        T.lazy = False
        print(f"{'plain text, not lazy':28}{microseconds(lambda: T('hello')):9.2f}")
        header = "it-IT,it;q=0.9,en;q=0.8"
        for name, interval in (("new T, development", 0.0), ("new T, production", 1.0)):
            settings.check_interval = interval
            print(f"{name:28}{microseconds(lambda: TranslatorFactory(folder, header), 10_000):9.2f}")


if __name__ == "__main__":
    main()
