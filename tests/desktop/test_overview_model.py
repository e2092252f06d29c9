"""What is said about the server in each state: words, marks, buttons (desktop table of states)."""

import subprocess
import sys

import pytest
from fakes import BUSY, NOW, metrics, server_state

from desktop.panels.overview import words
from desktop.panels.overview.model import (
    figures_of,
    points_of,
    present,
    reach,
    reason_against,
    steps_of,
    summary_of,
    toggle_of,
    words_of_series,
)
from desktop.processes.state import Cause, Crash, Phase, Step

TABLE = {
    Phase.STOPPED: ("Stopped", "stopped", "stopped", ["start"], True),
    Phase.STARTING: ("Starting", "starting", "changing", ["show_log", "cancel"], False),
    Phase.SERVING: ("Serving", "serving", "serving", ["stop", "restart", "open"], True),
    Phase.ADOPTED: ("Serving", "serving", "serving", ["stop", "restart", "open"], True),
    Phase.DRAINING: ("Stopping", "draining", "changing", ["stop_now"], False),
    Phase.CRASHED: ("Crashed", "crashed", "problem", ["start_now", "give_up"], False),
    Phase.FAILED: ("Did not start", "failed", "failed", ["use_port", "choose_port", "try_again"], True),
    Phase.FOREIGN: ("Port taken", "foreign", "failed", ["use_port", "choose_port", "try_again"], True),
}


@pytest.mark.parametrize("phase", list(Phase))
def test_sv_01_each_state_has_its_words_mark_and_buttons(phase):
    """SV-01, SH-22: state by word, shape and colour; the buttons of the table; fields locked or not."""
    title, mark, status, buttons, editable = TABLE[phase]
    view = present(server_state(phase, NOW), NOW)
    assert (view.title, view.mark, view.status) == (title, mark, status)
    assert [button.action.removeprefix("server.") for button in view.buttons] == buttons
    assert view.editable is editable
    assert view.main in {button.action for button in view.buttons}


@pytest.mark.parametrize("phase", list(Phase))
def test_one_accent_button_at_most_and_stop_is_never_it(phase):
    view = present(server_state(phase, NOW), NOW)
    filled = [button.action for button in view.buttons if button.kind == "primary"]
    assert len(filled) <= 1
    assert not any("stop" in action for action in filled)


@pytest.mark.parametrize("phase", list(Phase))
def test_words_follow_the_rules(phase):
    """No exclamation marks, no "please", never empty."""
    view = present(server_state(phase, NOW), NOW)
    said = " ".join((view.title, view.when, view.sentence, view.line, view.short))
    assert "!" not in said
    assert "please" not in said.lower()
    assert view.line
    assert view.short


def test_sv_01_since_when():
    """SV-01: the time of day it began and how long ago that is."""
    assert present(server_state(Phase.SERVING, NOW), NOW).when == "since 09:14, 2 h 5 min"


def test_sv_03_busy_port_offers_the_next_free_one():
    """SV-03: the fix of the cause is the filled button."""
    view = present(server_state(Phase.FAILED, NOW), NOW)
    assert view.sentence == BUSY
    assert view.buttons[0].action == "server.use_port"
    assert view.buttons[0].kind == "primary"
    assert view.line == "Did not start: port 8000 is in use"


def test_sv_03_without_a_free_port_the_person_chooses():
    state = server_state(Phase.FAILED, NOW, cause=Cause("port_busy", BUSY))
    buttons = present(state, NOW).buttons
    assert [button.action for button in buttons] == ["server.choose_port", "server.try_again"]
    assert buttons[0].kind == "primary"


def test_sv_05_other_failures_offer_to_try_again():
    state = server_state(Phase.FAILED, NOW, cause=Cause("timeout", "It took too long."))
    view = present(state, NOW)
    assert [button.action for button in view.buttons] == ["server.try_again"]
    assert view.show_log


def test_sv_04_steps_say_which_is_pending():
    """SV-04: process, socket, application; the one under way is named."""
    steps = steps_of(server_state(Phase.STARTING, NOW))
    assert [(step.text, step.status) for step in steps] == [
        ("Process started", "done"),
        ("Port opened", "done"),
        ("Application loads", "running"),
    ]
    failed = steps_of(server_state(Phase.FAILED, NOW))
    assert (failed[1].text, failed[1].detail) == ("Port 8000 in use", "by nginx")


def test_sv_04_detail_does_not_repeat_the_cause():
    state = server_state(
        Phase.FAILED,
        NOW,
        cause=Cause("timeout", "It took too long."),
        steps=(Step("application", "failed", 60.0, "It took too long."),),
    )
    assert steps_of(state)[0].detail == ""


def test_sv_06_draining_counts_down():
    """SV-06: requests in flight and seconds left."""
    view = present(server_state(Phase.DRAINING, NOW), NOW)
    assert view.when == "3 requests in flight, 12 s left"
    one = present(server_state(Phase.DRAINING, NOW, in_flight=1), NOW)
    assert one.when.startswith("1 request in")


def test_sv_06_queued_order_is_said():
    state = server_state(Phase.DRAINING, NOW, pending_order="start")
    assert "start again when stopped" in present(state, NOW).sentence
    state = server_state(Phase.STARTING, NOW, pending_order="stop")
    assert present(state, NOW).sentence == "Will stop when started."


def test_sv_07_crash_counts_down_and_five_mean_failed():
    """SV-07: the seconds until the next try; afterwards the state of a server that keeps crashing."""
    assert present(server_state(Phase.CRASHED, NOW), NOW).when == "starts again in 4 s"
    crashes = tuple(Crash(NOW - at, "Ended.") for at in range(5))
    state = server_state(Phase.FAILED, NOW, crashes=crashes, cause=Cause("crashing", "5 crashes."))
    view = present(state, NOW)
    assert view.title == "Keeps crashing"
    assert view.steps == ()


def test_serving_with_a_problem_has_another_shape():
    view = present(server_state(Phase.SERVING, NOW, cause=Cause("warning", "welcome does not load.")), NOW)
    assert (view.mark, view.status) == ("problem", "problem")
    assert view.sentence == "welcome does not load."


def test_sv_08_reach_in_words():
    """SV-08: who can reach the server, also without colour."""
    assert reach("127.0.0.1") == ("This computer only", "neutral")
    assert reach("::1") == ("This computer only", "neutral")
    assert reach("0.0.0.0") == ("Open to the network", "problem")
    assert reach("192.168.1.7") == ("Open to the network at 192.168.1.7", "problem")


def test_sv_02_summary_names_place_and_process():
    assert summary_of(server_state(Phase.SERVING, NOW)) == (
        "127.0.0.1, port 8000, 4 threads, no cron, folder /home/office/Sites"
    )
    assert "inside this process" in summary_of(server_state(Phase.SERVING, NOW, mode="embedded"))
    assert "cron each minute" in summary_of(server_state(Phase.SERVING, NOW, cron="hard"))  # CRON-14


def test_sv_11_figures_and_unknown_is_a_dash():
    """SV-11, SV-19: figures with units; a figure that cannot be known is a dash, never 0."""
    shown = figures_of(metrics(NOW), running=True)
    assert [(figure.value, figure.unit) for figure in shown] == [
        ("4.2", "req/s"),
        ("18", "ms"),
        ("140", "ms"),
        ("0.1", "%"),
        ("1", "of 4"),
    ]
    for figure in figures_of(metrics(NOW), running=False):
        assert figure.value == "–"
        assert "not known" in figure.words()


def test_sv_11_line_has_no_gaps_and_marks_errors_at_their_moment():
    """SV-11: a second without requests is told as 0, not left out; what is older falls away."""
    series = ((NOW - 1000, 50, 50), (NOW - 600, 10, 0), (NOW - 599, 5, 2), (NOW, 20, 0))
    points = points_of(series, NOW)
    assert len(points) == 180
    assert [(rate, errors) for _, rate, errors in points if rate] == [(3.0, 2), (4.0, 0)]
    assert points_of((), NOW)[0][1:] == (0.0, 0)
    assert points_of((), NOW)[-1][0] < NOW


def test_sv_04_a_silent_process_is_not_said_to_have_ended():
    silent = (Step("process", "failed", 60.0), Step("socket"), Step("application"))
    state = server_state(Phase.FAILED, NOW, steps=silent, cause=Cause("timeout", "It said nothing."))
    assert steps_of(state)[0].text == "Process is silent"
    ended = server_state(Phase.FAILED, NOW, steps=silent, cause=Cause("ended", "It ended."))
    assert steps_of(ended)[0].text == "Process ended"


def test_sv_11_line_in_words():
    assert words_of_series(()) == "no requests"
    assert words_of_series(((1.0, 1, 0),)) == "1 request, peak 1 req/s"
    assert words_of_series(((1.0, 3, 0), (2.0, 4, 1))) == "7 requests, peak 4 req/s, 1 error"


@pytest.mark.parametrize("phase", list(Phase))
def test_the_toggle_is_always_something_allowed(phase):
    state = server_state(phase, NOW)
    assert toggle_of(state) in present(state, NOW).allowed


def test_disabled_actions_say_why():
    assert reason_against("server.stop", server_state(Phase.STOPPED, NOW)) == "The server does not run."
    assert "starting" in reason_against("server.restart", server_state(Phase.STARTING, NOW))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.9, "59 s"),
        (184, "3 min 4 s"),
        (3599, "59 min"),
        (7500, "2 h 5 min"),
        (7200, "2 h"),
        (90000, "1 day 1 h"),
        (-5, "0 s"),
    ],
)
def test_durations(seconds, text):
    assert words.duration(seconds) == text


def test_numbers_have_thin_spaces():
    assert words.number(1204) == "1\N{THIN SPACE}204"
    assert words.milliseconds(12_400) == "12.4 s"
    assert words.counted(1, "crash", "crashes") == "1 crash"


def test_model_needs_no_widgets():
    code = (
        "import sys, desktop.panels.overview.model\n"
        "assert 'PySide6.QtWidgets' not in sys.modules and 'PySide6.QtGui' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
