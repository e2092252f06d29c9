"""CACHE-16, ADMIN-06: looking into the caches of a running server."""

from __future__ import annotations

import datetime
import json
import os
import pickle
import time
from pathlib import Path

import pytest

from runtime.admin import cache as inspection
from runtime.admin.plain_text import plain_text, type_name, unpickle_plain
from runtime.cache import CacheInRam, CacheOnDisk
from runtime.cache import ram as ram_module
from runtime.foundation.paths import UnsafePath
from runtime.foundation.storage import Storage


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})
    (tmp_path / "applications" / "myapp").mkdir(parents=True)
    return tmp_path


@pytest.fixture(params=["ram", "disk"])
def kept(request, site):
    """A model with some values, and its name."""
    who = Storage(application="myapp", folder=str(site / "applications" / "myapp"))
    model = CacheInRam(who) if request.param == "ram" else CacheOnDisk(who)
    for key, value in (("b", [1]), ("a2", "text"), ("a1", {"x": 1})):
        model(key, lambda value=value: value)
    return model, request.param


def test_cache_16_listing(site, kept):
    """CACHE-16: pages of keys with type, size and age; all of it goes through JSON."""
    page = inspection.list_keys(site, "myapp", kept[1])
    assert json.loads(json.dumps(page)) == page
    assert page["total"] == 3
    assert [(row["key"], row["type"]) for row in page["keys"]] == [
        ("a1", "dict"),
        ("a2", "str"),
        ("b", "list"),
    ]
    assert all(row["size"] > 0 and 0 <= row["age"] < 60 for row in page["keys"])
    second = inspection.list_keys(site, "myapp", kept[1], offset=1, limit=1)
    assert (second["total"], [row["key"] for row in second["keys"]]) == (3, ["a2"])
    assert inspection.list_keys(site, "myapp", kept[1], prefix="a")["total"] == 2
    assert inspection.list_keys(site, "myapp", kept[1], regex="[ab]$")["total"] == 1


def test_cache_16_value_delete_clear_statistics(site, kept):
    """CACHE-16: after "clear" a key is gone."""
    model, store = kept
    shown = inspection.show_value(site, "myapp", "a1", store)
    assert (shown["text"], shown["type"]) == ("{'x': 1}", "dict")
    assert inspection.delete_keys(site, "myapp", ["a1", "nothing"], store) == 1
    with pytest.raises(inspection.CacheProblem, match="any more"):
        inspection.show_value(site, "myapp", "a1", store)
    assert inspection.clear(site, "myapp", store, regex="a") == 1
    numbers = inspection.statistics(site)["myapp"][store]
    assert (numbers["entries"], numbers["misses"]) == (1, 3)
    assert inspection.clear(site, "myapp", store) == 1
    assert model("b", lambda: "new") == "new"


def test_cache_16_wrong_questions_have_clear_answers(site):
    """CACHE-16."""
    for options, text in (
        ({"application": "nothing"}, "no application"),
        ({"application": ""}, "no application"),
        ({"store": "moon"}, "ram, disk"),
    ):
        with pytest.raises(inspection.CacheProblem, match=text):
            inspection.list_keys(site, **({"application": "myapp"} | options))
    with pytest.raises(UnsafePath):
        inspection.list_keys(site, "../..")
    CacheInRam(Storage(application="myapp"))("k", lambda: 1)
    for pattern in ("(", "(a+)+$"):
        with pytest.raises(inspection.CacheProblem, match="can not be used"):
            inspection.list_keys(site, "myapp", regex=pattern)
    assert inspection.list_keys(site, "myapp", "disk") == {"total": 0, "offset": 0, "keys": []}
    assert not (site / "applications" / "myapp" / "cache").exists(), "looking makes no file"


def test_cache_16_as_control_commands(site, kept):
    """CACHE-16: what the control channel offers."""
    commands = inspection.cache_commands(str(site))
    assert commands["cache_keys"](application="myapp", store=kept[1], limit=1)["total"] == 3
    assert commands["cache_value"](application="myapp", store=kept[1], key="b")["text"] == "[1]"
    assert commands["cache_delete"](application="myapp", store=kept[1], keys=["b"]) == 1
    assert commands["cache_clear"](application="myapp", store=kept[1]) == 2
    assert kept[1] in commands["cache_statistics"]()["myapp"]


class Hostile:
    """Every way to look at it fails or never ends."""

    def __init__(self) -> None:
        self.field = 1
        self.password = "hush"

    def _forever(self, *arguments):
        while True:
            time.sleep(1)

    __repr__ = __str__ = __getattr__ = __len__ = __iter__ = __eq__ = __reduce__ = _forever
    __hash__ = None


class HostileDict(dict):
    def items(self):
        raise RuntimeError("no")

    __iter__ = __repr__ = __len__ = keys = items


def test_cache_16_no_code_of_a_value_runs(site):
    """CACHE-16: a repr that hangs or raises can not hurt; secrets are hidden."""
    ram = CacheInRam(Storage(application="myapp"))
    ram("hostile", Hostile)
    ram("dict", lambda: HostileDict(a=Hostile()))
    assert inspection.show_value(site, "myapp", "hostile")["text"] == "<Hostile field=1, password=[hidden]>"
    assert inspection.show_value(site, "myapp", "hostile")["type"] == "Hostile"
    assert inspection.show_value(site, "myapp", "dict")["text"] == (
        "<HostileDict {'a': <Hostile field=1, password=[hidden]>}>"
    )


class Evil:
    def __reduce__(self):
        return (os.mkdir, (str(Path(os.environ["EVIL"])),))


def test_cache_16_pickles_are_read_without_running_them(site, monkeypatch, tmp_path):
    """CACHE-16: a value on disk of any class is shown, nothing of it is imported or called."""
    monkeypatch.setenv("EVIL", str(tmp_path / "executed"))
    disk = CacheOnDisk(Storage(application="myapp", folder=str(site / "applications" / "myapp")))
    disk("evil", Evil)
    text = inspection.show_value(site, "myapp", "evil", "disk")["text"]
    assert "mkdir" in text
    assert not (tmp_path / "executed").exists()
    values = [
        datetime.datetime(2030, 1, 2), {1, 2}, Storage(a=1), [b"\0", 1.5, None], frozenset("a"), {"d": {"e": []}},
    ]  # fmt: skip
    for value in values:
        assert unpickle_plain(pickle.dumps(value)) == value
    thing = unpickle_plain(pickle.dumps(Plain(3)))
    assert type_name(thing).endswith("Plain")
    assert "value=3" in plain_text(thing)
    disk("cut", lambda: 1)
    disk._connection().execute("UPDATE entry SET value = x'00' WHERE key = 'cut'")
    assert "not readable" in inspection.show_value(site, "myapp", "cut", "disk")["text"]


class Plain:
    def __init__(self, value):
        self.value = value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é\ud800", "'é\\ud800'"), ((1,), "(1,)"), (set(), "{}"), (bytearray(b"a"), "bytearray(b'a')"),
        (10**5000, "<int of 16610 bits>"), ([[[[[[1]]]]]], "[[[[[...]]]]]"), (Plain, "<class Plain>"), (True, "True"),
        (list(range(60)), "[" + ", ".join(map(str, range(50))) + ", ... 10 more]"), (object(), "<object>"),
        ({"api_key": 1, "n": 2}, "{'api_key': [hidden], 'n': 2}"), ("x" * 600, f"'{'x' * 500}'... (600 long)"),
    ],
    ids=[str(number) for number in range(12)],
)  # fmt: skip
def test_cache_16_values_as_text(value, text):
    assert plain_text(value) == text


def test_cache_16_text_is_bounded():
    inner = ["x" * 500] * 50
    assert len(plain_text([inner] * 50)) < 2100
    loop: list[object] = []
    loop.append(loop)
    assert plain_text(loop) == "[<list inside itself>]"


def test_cache_16_keys_that_are_no_texts(site):
    """CACHE-16: applications may use any hashable key in memory."""
    ram = CacheInRam(Storage(application="myapp"))
    ram((1, "a"), lambda: "value")
    (row,) = inspection.list_keys(site, "myapp")["keys"]
    assert row["key"] == "(1, 'a')"
    assert inspection.show_value(site, "myapp", row["key"])["text"] == "'value'"
    ram.clear(regex="x")
    assert inspection.delete_keys(site, "myapp", [row["key"]]) == 1
