"""The server's state machine: every order and every event in every state (desktop-ux 15)."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from desktop.processes.machine import (
    CRASH_LIMIT,
    CRASH_WINDOW,
    DRAIN_SECONDS,
    KILL_MARGIN,
    NOW_MARGIN,
    START_TIMEOUT,
    Command,
    Machine,
    Order,
)
from desktop.processes.state import Cause, Phase, ServerState

BUSY = Cause("port_busy", "Port 8000 is used by nginx (process 77).", "nginx", 77, 8001)
BAD = Cause("folder", "The site folder is gone.")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def machine(clock: Clock) -> Machine:
    return Machine(clock=clock, wall=clock)


def bring_to(machine: Machine, phase: Phase) -> Machine:
    """Lead a new machine into `phase`."""
    if phase is Phase.STOPPED:
        return machine
    if phase is Phase.ADOPTED:
        machine.adopted(4711, "http://127.0.0.1:8000/")
        return machine
    machine.order(Order.START)
    if phase is Phase.STARTING:
        return machine
    if phase in {Phase.FAILED, Phase.FOREIGN}:
        machine.failed(BUSY if phase is Phase.FOREIGN else BAD)
        machine.ended("It ended.")
        return machine
    machine.ready()
    if phase is Phase.DRAINING:
        machine.order(Order.STOP)
    elif phase is Phase.CRASHED:
        machine.ended("Killed.")
    assert machine.phase is phase
    return machine


STOP, KILL, LAUNCH = (Command.STOP,), (Command.KILL,), (Command.LAUNCH,)
SAME = None

TABLE: dict[Phase, dict[Order, tuple[Phase | None, tuple[Command, ...], Order | None]]] = {
    Phase.STOPPED: {
        Order.START: (Phase.STARTING, LAUNCH, None),
        Order.RESTART: (Phase.STARTING, LAUNCH, None),
        Order.TRY_AGAIN: (Phase.STARTING, LAUNCH, None),
        Order.START_NOW: (Phase.STARTING, LAUNCH, None),
        Order.STOP: (SAME, (), None),
        Order.STOP_NOW: (SAME, (), None),
        Order.CANCEL: (SAME, (), None),
        Order.GIVE_UP: (SAME, (), None),
    },
    Phase.STARTING: {
        Order.START: (SAME, (), None),
        Order.RESTART: (SAME, (), None),
        Order.TRY_AGAIN: (SAME, (), None),
        Order.START_NOW: (SAME, (), None),
        Order.STOP: (SAME, (), Order.STOP),
        Order.STOP_NOW: (Phase.DRAINING, STOP, None),
        Order.CANCEL: (Phase.DRAINING, STOP, None),
        Order.GIVE_UP: (Phase.DRAINING, STOP, None),
    },
    Phase.SERVING: {
        Order.START: (SAME, (), None),
        Order.TRY_AGAIN: (SAME, (), None),
        Order.START_NOW: (SAME, (), None),
        Order.CANCEL: (SAME, (), None),
        Order.GIVE_UP: (SAME, (), None),
        Order.STOP: (Phase.DRAINING, STOP, None),
        Order.STOP_NOW: (Phase.DRAINING, STOP, None),
        Order.RESTART: (Phase.DRAINING, STOP, Order.RESTART),
    },
    Phase.DRAINING: {
        Order.START: (SAME, (), Order.START),
        Order.TRY_AGAIN: (SAME, (), Order.START),
        Order.START_NOW: (SAME, (), Order.START),
        Order.RESTART: (SAME, (), Order.RESTART),
        Order.STOP: (SAME, (), None),
        Order.CANCEL: (SAME, (), None),
        Order.GIVE_UP: (SAME, (), None),
        Order.STOP_NOW: (SAME, STOP, None),
    },
    Phase.CRASHED: {
        Order.START: (Phase.STARTING, LAUNCH, None),
        Order.RESTART: (Phase.STARTING, LAUNCH, None),
        Order.TRY_AGAIN: (Phase.STARTING, LAUNCH, None),
        Order.START_NOW: (Phase.STARTING, LAUNCH, None),
        Order.STOP: (Phase.STOPPED, (), None),
        Order.STOP_NOW: (Phase.STOPPED, (), None),
        Order.CANCEL: (Phase.STOPPED, (), None),
        Order.GIVE_UP: (Phase.STOPPED, (), None),
    },
}
TABLE[Phase.ADOPTED] = TABLE[Phase.SERVING]
TABLE[Phase.FAILED] = TABLE[Phase.FOREIGN] = TABLE[Phase.CRASHED]


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("phase", list(Phase))
def test_sv_01_every_order_in_every_state(machine: Machine, phase: Phase, order: Order) -> None:
    """SV-01, desktop-ux 15: what each button does in each state; the same order twice changes nothing."""
    bring_to(machine, phase)
    after, commands, pending = TABLE[phase][order]
    assert machine.order(order) == commands
    assert machine.phase is (after or phase)
    assert machine.pending is pending
    if order in {Order.START, Order.STOP, Order.RESTART}:
        phase_then, pending_then = machine.phase, machine.pending
        assert machine.order(order) == ()
        assert (machine.phase, machine.pending) == (phase_then, pending_then)


@pytest.mark.parametrize(
    ("phase", "after"),
    [
        (Phase.STARTING, Phase.FAILED),
        (Phase.SERVING, Phase.CRASHED),
        (Phase.DRAINING, Phase.STOPPED),
        (Phase.ADOPTED, Phase.STOPPED),
        (Phase.STOPPED, Phase.STOPPED),
        (Phase.CRASHED, Phase.CRASHED),
        (Phase.FAILED, Phase.FAILED),
        (Phase.FOREIGN, Phase.FOREIGN),
    ],
)
def test_sv_07_end_of_the_process_in_every_state(machine: Machine, phase: Phase, after: Phase) -> None:
    """SV-05, SV-07"""
    bring_to(machine, phase)
    assert machine.ended("Killed.") == ()
    assert machine.phase is after
    assert not machine.alive


def shown(machine: Machine) -> ServerState:
    return machine.snapshot(ServerState())


def test_sv_04_steps_of_a_start_are_shown_with_their_times(machine: Machine, clock: Clock) -> None:
    """SV-04: process, socket, application; which is pending, how long each took."""
    machine.order(Order.START)
    assert [s.status for s in shown(machine).steps] == ["running", "pending", "pending"]
    machine.spawned(4711)
    clock.now += 0.25
    machine.process_started()
    clock.now += 0.5
    machine.listening("http://127.0.0.1:8000/")
    machine.checking("welcome")
    state = shown(machine)
    assert [(s.name, s.status) for s in state.steps] == [
        ("process", "done"),
        ("socket", "done"),
        ("application", "running"),
    ]
    assert [s.seconds for s in state.steps] == [0.25, 0.5, None]
    assert (state.pid, state.url, state.steps[2].detail) == (4711, "http://127.0.0.1:8000/", "welcome")
    clock.now += 0.1
    machine.ready()
    assert machine.phase is Phase.SERVING
    assert shown(machine).steps[2].status == "done"
    assert machine.next_deadline is None


def test_sv_04_ready_with_a_warning_serves_and_says_so(machine: Machine) -> None:
    """SV-04"""
    machine.order(Order.START)
    machine.ready("The models of welcome raise NameError.")
    assert machine.phase is Phase.SERVING
    assert machine.cause == Cause("warning", "The models of welcome raise NameError.")


@pytest.mark.parametrize(
    ("events", "word"),
    [
        ([], "process"),
        (["process_started"], "port"),
        (["process_started", "listening"], "models"),
    ],
)
def test_sv_04_time_out_says_which_step_hung(
    machine: Machine, clock: Clock, events: list[str], word: str
) -> None:
    """SV-04: the explanation names what did not answer; the process is asked to end, then killed."""
    machine.order(Order.START)
    for event in events:
        machine.listening("http://x/") if event == "listening" else machine.process_started()
    clock.now += START_TIMEOUT - 0.1
    assert machine.tick() == ()
    clock.now += 0.1
    assert machine.tick() == STOP
    assert machine.phase is Phase.FAILED
    assert machine.cause is not None
    assert machine.cause.kind == "timeout"
    assert word in machine.cause.sentence
    clock.now += KILL_MARGIN
    assert machine.tick() == KILL
    machine.ended("Killed.")
    assert machine.phase is Phase.FAILED
    assert machine.cause.kind == "timeout"


def test_sv_04_a_slow_computer_gets_the_time_for_each_step(machine: Machine, clock: Clock) -> None:
    """SV-04: what goes on is no failed start, however long all steps take together."""
    machine.order(Order.START)
    for step in (machine.process_started, lambda: machine.listening("http://x/"), machine.checking):
        clock.now += START_TIMEOUT - 1
        assert machine.tick() == ()
        step()
    clock.now += START_TIMEOUT - 1
    assert machine.tick() == ()
    machine.ready()
    assert machine.phase is Phase.SERVING
    assert machine.next_deadline is None


def test_sv_07_killed_between_its_first_answer_and_the_word_that_it_is_ready(
    machine: Machine, clock: Clock
) -> None:
    """SV-07: it had the port, so people may have been served: a crash, with its count; stop still means stop."""
    machine.order(Order.START)
    machine.listening("http://x/")
    assert machine.ended("Killed.") == ()
    assert machine.phase is Phase.CRASHED
    clock.now += shown(machine).retry_in
    assert machine.tick() == LAUNCH
    machine.listening("http://x/")
    machine.order(Order.STOP)
    machine.ended("Killed.")
    assert machine.phase is Phase.STOPPED


def test_sv_06_a_start_that_somebody_else_stops_is_stopped(machine: Machine) -> None:
    """SV-06: SIGTERM before it is ready; not started again."""
    machine.order(Order.START)
    machine.listening("http://x/")
    machine.draining(0, 5.0)
    assert machine.phase is Phase.DRAINING
    machine.ended("It ended.")
    assert machine.phase is Phase.STOPPED


def test_sv_05_a_start_after_a_failure_waits_for_the_former_process(machine: Machine) -> None:
    """SV-05: try again while the failed process is still leaving launches once it has gone."""
    machine.order(Order.START)
    assert machine.failed(BAD) == STOP
    assert machine.order(Order.TRY_AGAIN) == ()
    assert machine.pending is Order.START
    assert machine.ended("It ended.") == LAUNCH
    assert machine.phase is Phase.STARTING


def test_sv_03_a_busy_port_is_foreign_and_keeps_owner_and_offer(machine: Machine) -> None:
    """SV-03, SV-22"""
    machine.order(Order.START)
    machine.failed(BUSY)
    assert machine.phase is Phase.FOREIGN
    assert machine.cause == BUSY
    assert shown(machine).steps[0].status == "failed"


def test_sv_06_drain_counts_down_and_ends_in_a_kill(machine: Machine, clock: Clock) -> None:
    """SV-06"""
    bring_to(machine, Phase.SERVING)
    machine.order(Order.STOP)
    assert shown(machine).drain_seconds_left == DRAIN_SECONDS
    machine.draining(3, 12.0)
    clock.now += 2
    state = shown(machine)
    assert (state.in_flight, state.drain_seconds_left) == (3, 10.0)
    clock.now += 10 + KILL_MARGIN
    assert machine.tick() == KILL
    machine.ended("Killed.")
    assert (machine.phase, machine.cause) == (Phase.STOPPED, None)


@pytest.mark.parametrize("phase", [Phase.SERVING, Phase.DRAINING])
def test_sv_06_stop_now_asks_first_and_kills_soon(machine: Machine, clock: Clock, phase: Phase) -> None:
    """SV-06: no grace is left; asked again, or after two seconds, the process is killed."""
    bring_to(machine, phase)
    assert machine.order(Order.STOP_NOW) == STOP
    assert machine.grace == 0
    assert machine.order(Order.STOP_NOW) == KILL
    machine.draining(2, 15.0)  # what the server would grant does not count any more
    clock.now += NOW_MARGIN
    assert machine.tick() == KILL


def test_sh_19_a_drain_is_shortened_when_the_system_shuts_down(machine: Machine, clock: Clock) -> None:
    """SH-19: never made longer, and only while draining."""
    bring_to(machine, Phase.SERVING)
    assert machine.hasten(5.0) == ()
    machine.order(Order.STOP)
    assert machine.hasten(DRAIN_SECONDS + 1) == ()
    assert machine.hasten(5.0) == STOP
    assert machine.grace == 5.0
    clock.now += 5.0 + KILL_MARGIN
    assert machine.tick() == KILL


def test_sv_06_a_server_stopped_by_someone_else_is_stopped_not_crashed(machine: Machine) -> None:
    """SV-06: a drain nobody asked for here (SIGTERM, another control client) ends in Stopped."""
    bring_to(machine, Phase.SERVING)
    machine.draining(0, 5.0)
    assert machine.phase is Phase.DRAINING
    machine.ended("It ended.")
    assert machine.phase is Phase.STOPPED


def test_sv_01_opposite_order_is_queued_once_and_can_be_taken_back(machine: Machine) -> None:
    """desktop-ux 15: "will stop when started", "will start when stopped"."""
    machine.order(Order.START)
    machine.order(Order.STOP)
    assert shown(machine).pending_order == "stop"
    assert machine.ready() == STOP
    assert machine.phase is Phase.DRAINING
    assert machine.pending is None
    machine.order(Order.START)
    machine.order(Order.RESTART)
    assert shown(machine).pending_order == "start"
    assert machine.ended("It ended.") == LAUNCH
    machine.order(Order.STOP)
    machine.order(Order.START)
    assert machine.pending is None
    assert machine.ready() == ()


def test_sv_07_waits_double_up_to_thirty_seconds(machine: Machine, clock: Clock) -> None:
    """SV-07: 1, 2, 4, 8, 16, 30, 30 when the crashes are far enough apart not to be given up."""
    bring_to(machine, Phase.SERVING)
    waits = []
    for _ in range(7):
        clock.now += 35.0  # serves less than the window, so the row of restarts goes on
        machine.ended("Killed.")
        assert machine.phase is Phase.CRASHED
        waits.append(shown(machine).retry_in)
        clock.now += waits[-1] - 0.01
        assert machine.tick() == ()
        clock.now += 0.01
        assert machine.tick() == LAUNCH
        machine.ready()
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert len(machine.crashes) == 7


def test_sv_07_five_crashes_in_two_minutes_stay_failed(machine: Machine, clock: Clock) -> None:
    """SV-07: and a start that a crash restarted counts when it dies too."""
    bring_to(machine, Phase.SERVING)
    for number in range(CRASH_LIMIT - 1):
        machine.ended(f"Killed {number}.")
        clock.now += shown(machine).retry_in
        assert machine.tick() == LAUNCH
        if number % 2:
            machine.ready()
    machine.ended("Killed at last.")
    assert machine.phase is Phase.FAILED
    assert machine.cause is not None
    assert machine.cause.kind == "crashing"
    assert "5 times within 2 minutes" in machine.cause.sentence
    assert "Killed at last." in machine.cause.sentence
    assert machine.next_deadline is None
    assert [c.sentence for c in machine.crashes][-1] == "Killed at last."
    machine.order(Order.TRY_AGAIN)
    machine.ready()
    machine.ended("Killed.")
    assert machine.phase is Phase.CRASHED  # a person's start begins a new count
    assert shown(machine).retry_in == 1


def test_sv_07_a_long_good_run_forgets_the_waits(machine: Machine, clock: Clock) -> None:
    """SV-07"""
    bring_to(machine, Phase.CRASHED)
    clock.now += 1
    machine.tick()
    machine.ready()
    clock.now += CRASH_WINDOW
    machine.ended("Killed.")
    assert shown(machine).retry_in == 1


def test_sv_22_adopted_server_is_stopped_and_restarted_as_our_own(machine: Machine) -> None:
    """SV-22"""
    bring_to(machine, Phase.ADOPTED)
    state = shown(machine)
    assert (state.pid, state.url) == (4711, "http://127.0.0.1:8000/")
    assert machine.order(Order.RESTART) == STOP
    assert machine.ended("Gone.") == LAUNCH


def test_sv_22_found_while_starting_with_a_stop_queued(machine: Machine) -> None:
    """SV-22"""
    machine.order(Order.START)
    machine.order(Order.STOP)
    assert machine.adopted(4711, None) == STOP
    assert machine.phase is Phase.DRAINING


def test_sv_05_late_events_of_a_cancelled_start_do_not_revive_it(machine: Machine) -> None:
    """SV-05: what the dying process still says changes nothing."""
    machine.order(Order.START)
    machine.order(Order.CANCEL)
    for event in (machine.process_started, machine.checking, machine.ready):
        assert event() == ()
    assert machine.listening("http://x/") == ()
    assert machine.failed(BAD) == ()
    assert machine.phase is Phase.DRAINING
    machine.ended("It ended.")
    assert (machine.phase, machine.cause) == (Phase.STOPPED, None)


class AnyLife(RuleBasedStateMachine):
    """Whatever happens: at most one process, never a launch beside it, never stuck without a way out."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.machine = Machine(clock=self.clock, wall=self.clock)
        self.process = False

    def obey(self, commands: tuple[Command, ...]) -> None:
        for command in commands:
            if command is Command.LAUNCH:
                assert not self.process, "launched beside a running process"
                self.process = True
            else:
                assert self.process, f"{command} without a process"

    @rule(order=st.sampled_from(list(Order)))
    def person(self, order: Order) -> None:
        self.obey(self.machine.order(order))

    @precondition(lambda self: self.process)
    @rule(
        event=st.sampled_from(["started", "listening", "checking", "ready", "warned", "bad", "busy", "drain"])
    )
    def process_says(self, event: str) -> None:
        machine = self.machine
        says = {
            "started": machine.process_started,
            "listening": lambda: machine.listening("http://x/"),
            "checking": machine.checking,
            "ready": machine.ready,
            "warned": lambda: machine.ready("hm"),
            "bad": lambda: machine.failed(BAD),
            "busy": lambda: machine.failed(BUSY),
            "drain": lambda: machine.draining(2, 3.0),
        }
        self.obey(says[event]())

    @precondition(lambda self: self.process)
    @rule()
    def process_ends(self) -> None:
        self.process = False
        self.obey(self.machine.ended("It ended."))

    @precondition(lambda self: not self.process)
    @rule()
    def found_running(self) -> None:
        self.obey(self.machine.adopted(1, None))
        self.process = True

    @rule(seconds=st.sampled_from([0.1, 1.0, 7.0, 31.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.obey(self.machine.tick())

    @invariant()
    def consistent(self) -> None:
        machine = self.machine
        assert machine.alive == self.process
        state = shown(machine)
        assert (state.retry_in is not None) == (machine.phase is Phase.CRASHED)
        if machine.phase in {Phase.STARTING, Phase.SERVING, Phase.ADOPTED, Phase.DRAINING}:
            assert self.process
        if machine.phase in {Phase.FAILED, Phase.FOREIGN, Phase.CRASHED}:
            assert machine.cause is not None
        if machine.phase in {Phase.STARTING, Phase.DRAINING, Phase.CRASHED}:
            assert machine.next_deadline is not None, "would wait for ever"
        if state.pending_order is not None:
            assert self.process, "an order waits for nothing"

    def teardown(self) -> None:
        """From anywhere, a stop and the end of the process lead to rest."""
        self.obey(self.machine.order(Order.CANCEL))
        self.obey(self.machine.order(Order.STOP))
        if self.process:
            self.process = False
            self.obey(self.machine.ended("It ended."))
        assert not self.process
        assert self.machine.phase in {Phase.STOPPED, Phase.FAILED, Phase.FOREIGN}


AnyLife.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestAnyLife = AnyLife.TestCase
