"""Trees of Python source, while other threads build trees."""

from __future__ import annotations

import ast
import gc
import threading

import pytest

from runtime.foundation.syntax import parse_python

SOURCE = "\n".join(f"def f{i}(a, b={i}):\n    return [x * {i} for x in a if x > b]\n" for i in range(60))


class Interruption:
    """Garbage that lets another thread build a tree when it is collected, and leaves more of the kind."""

    collected = 0

    def __init__(self):
        self.me = self

    def __del__(self):
        Interruption.collected += 1
        thread = threading.Thread(target=ast.parse, args=("1 + 1",))
        thread.start()
        thread.join()
        if Interruption.collected < 8:
            Interruption()


@pytest.fixture
def busy_collector():
    threshold = gc.get_threshold()
    gc.collect()
    gc.disable()
    yield
    gc.set_threshold(*threshold)
    gc.enable()


def test_flow_14_another_thread_builds_a_tree_meanwhile(busy_collector):
    """FLOW-14: a view or model is compiled at the same time as others, and no request fails by it."""
    Interruption()
    gc.set_threshold(20)
    gc.enable()
    tree = parse_python(SOURCE, "model.py")
    assert Interruption.collected, (
        "another thread parsed in between; how often is up to the version of Python"
    )
    assert len(tree.body) == 60
    assert ast.unparse(parse_python("a+ 1", mode="eval")) == "a + 1"


@pytest.mark.parametrize("source", ["a b", b"# coding: nonsense\n", "a\0"])
def test_wrong_source_is_refused_as_by_python(source):
    """The messages of `ast.parse`, with the name of the file."""
    with pytest.raises((SyntaxError, ValueError)) as caught:
        parse_python(source, "model.py")
    assert not isinstance(caught.value, SystemError)
