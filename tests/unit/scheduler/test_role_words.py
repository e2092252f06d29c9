"""The command lines of the scheduler's own roles (SCHED-61)."""

import pytest

from runtime.foundation.problems import UserError
from runtime.scheduler.command_line import main
from runtime.scheduler.role_words import read_words


def test_sched_61_values_flags_and_words():
    """SCHED-61: a value may hold anything, also blanks, dashes and further signs of equality."""
    given = read_words(["--folder=/a b/c=--d", "--quiet", "shop:main"], ("folder", "level"), ("quiet",))
    assert given.values == {"folder": "/a b/c=--d"}
    assert given.flags == {"quiet"}
    assert given.rest == ("shop:main",)


@pytest.mark.parametrize("word", ["--nothing", "--nothing=1", "--folder", "--quiet=1"])
def test_sched_61_what_is_no_option_is_refused(word):
    """SCHED-61: an option of another version is never passed over."""
    with pytest.raises(UserError, match="no option"):
        read_words([word], ("folder",), ("quiet",))


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--worker", "shop"], "--folder=SITE is missing"),
        (["--worker", "--folder=/x", "--level=high", "shop"], "--level=high is no number"),
        (["--worker", "--folder=/x"], "is to be named, once"),
        (["--executor", "--folder=/x", "a", "b"], "is to be named, once"),
    ],
)
def test_sched_61_a_wrong_line_is_said(argv, sentence, capsys):
    """SCHED-61: and nothing is started."""
    assert main(argv) == 2
    assert sentence in capsys.readouterr().err
