"""Questions to the disk that are asked at most once per interval."""

from runtime.foundation.seldom import Seldom


def test_flow_14_without_an_interval_every_call_asks(tmp_path):
    """FLOW-14: development sees a change at once."""
    found = Seldom(lambda path: (tmp_path / path).exists(), 0.0)
    assert not found("a")
    (tmp_path / "a").touch()
    assert found("a")


def test_flow_14_an_answer_holds_for_the_interval(monkeypatch):
    """FLOW-14: production asks once a second, for each path by itself; "no" is an answer too."""
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    asked = []

    def ask(path):
        asked.append(path)
        return

    seldom = Seldom(ask, 1.0)
    for clock[0] in (0.0, 0.5, 0.9):
        seldom("a")
    seldom("b")
    clock[0] = 1.5
    seldom("a")
    assert asked == ["a", "b", "a"]
