"""The parts of kept values with their types, without running their code (CA-05, CACHE-16, SEC-04)."""

from __future__ import annotations

import collections
import datetime
import decimal
import json
import pickle

import pytest

from runtime.admin import value_tree
from runtime.admin.cache_values import shown_value
from runtime.admin.plain_text import unpickle_plain
from runtime.admin.value_tree import TreeProblem, pack, tree_text, unpack
from runtime.dal import DAL, Field
from runtime.errors.safe_values import hide
from runtime.foundation.storage import Storage


def tree(value, **options):
    return json.loads(tree_text(value, **options))


def test_what_json_can_hold_stands_as_it_is_and_the_rest_tells_its_type():
    """CA-05: key, value, type."""
    plain = {"a": [1, 2.5, None, True, "ù"], "b": {"c": {}}}
    assert tree(plain) == plain
    assert tree((1, {2})) == {"$": "tuple", "v": [1, {"$": "set", "v": [2]}]}
    assert tree(collections.deque([1])) == {"$": "deque", "v": [1]}
    assert tree({1: "x", ("a",): 2}) == {"$": "dict", "k": [[1, "x"], [{"$": "tuple", "v": ["a"]}, 2]]}
    assert tree(Storage(a=1)) == {"$": "Storage", "d": {"a": 1}}
    assert tree({"$": "mine"}) == {"$": "dict", "d": {"$": "mine"}}, "a key of that name does not confuse"
    assert tree(datetime.datetime(2026, 1, 2, 3, 4)) == {"$": "datetime", "t": "2026-01-02 03:04:00"}
    assert tree(decimal.Decimal("1.50")) == {"$": "Decimal", "t": "1.50"}
    assert tree(b"\x00" * 1000)["size"] == 1000
    assert tree(1 << 20_000)["t"] == "<int of 20001 bits>"
    assert json.loads(unpack(pack(tree_text(["\ud800"])))) == ["\ud800"], "half a pair of UTF-16 is no error"


class Hostile:
    """Whatever is asked of it does harm."""

    def __init__(self):
        self.inner = {"password": "hush", "n": 1}

    def __getattribute__(self, name):
        raise SystemExit

    def __repr__(self):
        raise SystemExit

    __iter__ = __len__ = __str__ = __eq__ = __repr__
    __hash__ = None


def test_no_code_of_the_value_runs_and_secrets_are_hidden():
    """SEC-04: objects by their attributes, read past their class; values under secret names never leave."""
    assert tree(object.__new__(Hostile)) == {"$": "Hostile", "t": "<Hostile>"}
    found = tree([Hostile(), {"api_key": 1, "x": 2}])
    assert found[0]["a"]["inner"] == {"password": {"$": "hidden", "t": "[hidden]", "cut": True}, "n": 1}
    assert "hush" not in tree_text([Hostile()])
    hide("later")
    assert "7" not in tree_text([{"later": 7}]), "names hidden later count too"


def test_limits_are_told():
    """CA-05: what is left out is counted; a value inside itself, very deep or very large ends."""
    assert tree(list(range(10)), most=4) == {"$": "list", "v": [0, 1, 2, 3], "more": 6}
    assert tree({at: at for at in range(3)}, most=1) == {"$": "dict", "k": [[0, 0]], "more": 2}
    own: list = [1]
    own.append(own)
    assert tree(own) == [1, {"$": "list", "t": "itself", "cut": True}]
    deep: list = []
    for _ in range(500):
        deep = [deep]
    assert "nested deeper than 100 levels" in tree_text(deep)
    long = tree(["x" * (value_tree.LONGEST_TEXT + 5)])[0]
    assert (len(long["t"]), long["size"]) == (value_tree.LONGEST_TEXT, value_tree.LONGEST_TEXT + 5)
    with pytest.raises(TreeProblem, match="more than 16 MB"):
        tree_text(["x" * 900_000] * 20)


@pytest.mark.parametrize("kept", ["memory", "disk"])
def test_rows_of_a_query_are_records(kept):
    """CA-05: `Rows` as records by field, of several tables by table and field; also from a pickle."""
    db = DAL("sqlite:memory")
    db.define_table("thing", Field("name"), Field("price", "decimal(10,2)"))
    db.define_table("orders", Field("thing", "reference thing"))
    for name in ("a", "b"):
        db.thing.insert(name=name, price=decimal.Decimal("1.50"))
    db.orders.insert(thing=2)

    def seen(rows):
        return tree(rows if kept == "memory" else unpickle_plain(pickle.dumps(rows)))

    one = seen(db(db.thing).select())
    assert one["$"] == "Rows"
    assert [row["name"] for row in one["v"]] == ["a", "b"]
    assert one["v"][0]["price"] == {"$": "Decimal", "t": "1.50"}
    both = seen(db(db.orders.thing == db.thing.id).select())
    assert both["v"][0]["thing.name"] == "b"
    assert both["v"][0]["orders.id"] == 1
    db.close()


def test_the_forms_of_a_value_hold_its_tree():
    """CA-05: the text may be cut, the tree is whole; long JSON texts come whole too, other texts do not."""
    rows = [{"id": at, "name": "Lamp"} for at in range(5000)]
    seen = shown_value(rows, 1000)
    assert len(seen["text"]) == 1000
    assert json.loads(unpack(seen["tree"])) == rows
    assert (seen["tree_kind"], seen["tree_fault"]) == ("python", "")
    text = json.dumps(rows)
    seen = shown_value(text, 1000)
    assert (unpack(seen["tree"]), seen["tree_kind"], seen["size"]) == (text, "json", len(text))
    assert shown_value("<html>" * 1000, 100)["tree"] == ""
    assert shown_value(text, len(text))["tree"] == "", "the text itself is all"
    assert "16 MB" in shown_value("[" + "1," * 9_000_000, 100)["tree_fault"]
    many = shown_value(list(range(30_000)), 1000)
    assert many["size"] == -1, "not all of it was written: its length is not known"
    assert shown_value(7, 100)["tree"] == "" == shown_value(b"x", 100)["tree"]


def test_damaged_packs_are_refused():
    """Bad input from the channel."""
    for bad in ("!", "AAAA", pack("x")[:-8]):
        try:
            assert unpack(bad) != "x" or bad.startswith("A")
        except TreeProblem:
            continue
