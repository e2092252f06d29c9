"""`Dispatcher`: which thread gets a task, waiting tasks, the end (CLI-16, CLI-20)."""

import logging
import threading
from types import SimpleNamespace

import pytest

from runtime.server import dispatcher as module
from runtime.server.dispatcher import AT_ONCE, LONG_LOOKS, Dispatcher, Judge

PATIENCE = 60.0  # seconds; a bound against hanging, not an expectation


class Job:
    """A task that runs until it may end, and knows its thread."""

    def __init__(self, hold=False, error=None):
        self.begun, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.thread, self.error, self.cancelled = None, error, False
        if not hold:
            self.may_end.set()

    def service(self):
        self.thread = threading.current_thread()
        self.begun.set()
        self.may_end.wait(PATIENCE)
        self.ended.set()
        if self.error:
            raise self.error

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def make(eventually):
    made = []

    def start(count):
        dispatcher = Dispatcher()
        made.append(dispatcher)
        dispatcher.set_thread_count(count)
        eventually(lambda: dispatcher.busy == 0, "all threads idle")
        return dispatcher

    yield start
    for dispatcher in made:
        dispatcher.shutdown(timeout=PATIENCE)


def run(dispatcher, eventually, **options):
    job = Job(**options)
    dispatcher.add_task(job)
    assert job.ended.wait(PATIENCE)
    eventually(lambda: dispatcher.busy == 0, "idle again")
    return job


def test_requests_one_after_another_run_in_one_thread(make, eventually):
    """The thread with the warm connections works; the others sleep."""
    dispatcher = make(4)
    assert len({run(dispatcher, eventually).thread for _ in range(12)}) == 1


def test_the_thread_that_became_idle_last_works_first(make, eventually):
    dispatcher = make(3)
    jobs = [Job(hold=True) for _ in range(3)]
    for job in jobs:
        dispatcher.add_task(job)
        assert job.begun.wait(PATIENCE)
    for still_busy, job in zip((2, 1, 0), (jobs[1], jobs[2], jobs[0]), strict=True):
        job.may_end.set()
        eventually(lambda n=still_busy: dispatcher.busy == n, "one thread less is busy")
    again = [Job(hold=True) for _ in range(3)]
    for job in again:
        dispatcher.add_task(job)
        assert job.begun.wait(PATIENCE)
    for job in again:
        job.may_end.set()
    assert [job.thread for job in again] == [job.thread for job in (jobs[0], jobs[2], jobs[1])]


def test_cli_16_tasks_beyond_the_threads_wait_in_order_and_are_logged(make, eventually, caplog):
    """CLI-16"""
    caplog.set_level(logging.WARNING, "waitress.queue")
    dispatcher = make(1)
    first, order = Job(hold=True), []
    dispatcher.add_task(first)
    assert first.begun.wait(PATIENCE)
    later = [Job() for _ in range(3)]
    for number, job in enumerate(later):
        job.service = lambda number=number: order.append(number)
        dispatcher.add_task(job)
    assert (dispatcher.busy, dispatcher.waiting) == (1, 3)
    assert [record.getMessage() for record in caplog.records] == [
        "Task queue depth is 1", "Task queue depth is 2", "Task queue depth is 3"
    ]  # fmt: skip
    first.may_end.set()
    eventually(lambda: dispatcher.busy == 0, "all done")
    assert order == [0, 1, 2]
    assert dispatcher.waiting == 0


@pytest.mark.parametrize("error", [ValueError("broken"), SystemExit(1)])
def test_a_task_that_fails_is_logged_and_its_thread_works_on(make, eventually, caplog, error):
    dispatcher = make(1)
    failed = run(dispatcher, eventually, error=error)
    assert [record.exc_info[1] for record in caplog.records] == [error]
    assert run(dispatcher, eventually).thread is failed.thread


def test_many_tasks_from_many_threads_each_run_once(make, eventually):
    dispatcher = make(4)
    done = []

    def add(number):
        for count in range(100):
            job = Job()
            job.service = lambda n=number, c=count: done.append((n, c))
            dispatcher.add_task(job)

    logging.getLogger("waitress.queue").disabled = True
    try:
        adders = [threading.Thread(target=add, args=(number,)) for number in range(4)]
        for adder in adders:
            adder.start()
        for adder in adders:
            adder.join(PATIENCE)
        eventually(lambda: len(done) >= 400, "all ran")
    finally:
        logging.getLogger("waitress.queue").disabled = False
    assert sorted(done) == [(n, c) for n in range(4) for c in range(100)]


@pytest.fixture
def clock(monkeypatch):
    """Time as the dispatcher sees it: it goes on with each `look` that its watching thread gets.

    ``share`` is how much of a processor the process uses meanwhile.
    """
    looks = threading.Semaphore(0)
    made = SimpleNamespace(now=1000.0, used=0.0, share=0.0, look=looks.release)

    def sleep(seconds):
        looks.acquire(timeout=PATIENCE)
        made.now += seconds
        made.used += seconds * made.share

    there = SimpleNamespace(monotonic=lambda: made.now, process_time=lambda: made.used, sleep=sleep)
    monkeypatch.setattr(module, "time", there)
    yield made
    looks.release(100)


def hold(dispatcher, count):
    """Add tasks that run until they may end; return them."""
    jobs = [Job(hold=True) for _ in range(count)]
    for job in jobs:
        dispatcher.add_task(job)
    return jobs


def finish(dispatcher, jobs, eventually):
    for job in jobs:
        job.may_end.set()
    eventually(lambda: dispatcher.busy == dispatcher.waiting == 0, "all done")


def test_short_tasks_take_turns(make, eventually, clock):
    """More threads would only take Python's lock from each other; none of them is woken while work gets on."""
    dispatcher = make(8)
    jobs = hold(dispatcher, 20)
    for number, job in enumerate(jobs):
        assert job.begun.wait(PATIENCE)
        assert dispatcher.busy <= AT_ONCE
        assert not any(later.begun.is_set() for later in jobs[number + AT_ONCE :])
        job.may_end.set()
    finish(dispatcher, jobs, eventually)
    assert len({job.thread for job in jobs}) <= AT_ONCE


def test_tasks_that_wait_for_something_get_all_threads(make, eventually):
    dispatcher = make(8)
    jobs = hold(dispatcher, 9)
    assert all(job.begun.wait(PATIENCE) for job in jobs[:8])
    assert (dispatcher.busy, dispatcher.waiting) == (8, 1)
    finish(dispatcher, jobs, eventually)


def test_beside_long_work_others_get_their_turn(make, eventually, clock):
    """A report that computes for seconds holds short requests up for 20 ms, not for seconds."""
    dispatcher, clock.share = make(AT_ONCE + 4), 1.0
    jobs = hold(dispatcher, AT_ONCE + 2)
    for _ in range(LONG_LOOKS - 1):
        clock.look()
    eventually(lambda: clock.now >= 1000 + (LONG_LOOKS - 1) * 0.005, "looked")
    assert dispatcher.busy == AT_ONCE
    clock.look()
    assert jobs[AT_ONCE].begun.wait(PATIENCE)
    assert dispatcher.busy == AT_ONCE + 1
    finish(dispatcher, jobs, eventually)


def test_after_a_second_half_as_many_threads_are_tried(make, eventually, clock):
    dispatcher, counts = make(AT_ONCE * 4), []
    jobs = hold(dispatcher, AT_ONCE * 4)
    counts.append(dispatcher.busy)
    for wanted in (AT_ONCE * 2, AT_ONCE * 4):
        clock.look()
        eventually(lambda n=wanted: dispatcher.busy == n, "twice as many help")
    finish(dispatcher, jobs, eventually)
    for seconds in (0.5, 0.6, 1.1, 1.1):
        clock.now += seconds
        jobs = hold(dispatcher, AT_ONCE * 4)
        counts.append(dispatcher.busy)
        finish(dispatcher, jobs, eventually)
    assert counts == [AT_ONCE, AT_ONCE * 4, AT_ONCE * 2, AT_ONCE, AT_ONCE]


@pytest.mark.parametrize(
    ("shares", "more"),
    [
        ([0.9] * 40, [0] * 40),  # computing: more threads would not help
        ([0.3] * 6, [0] * 5 + [2]),  # each waits for a database for some milliseconds
        ([0.3] * 12, [0] * 5 + [2] + [0] * 5 + [2]),
        ([0.0, 0.9, 0.9, 0.9, 0.9, 0.9], [0] * 6),  # somebody else had the processor for a moment
    ],
)
def test_tasks_that_get_on_are_judged_by_what_they_use(shares, more):
    judge = Judge()
    assert [judge.more(2, True, share) for share in shares] == more


def test_fewer_threads_after_a_change(make, eventually):
    dispatcher = make(3)
    before = set(dispatcher._threads)
    busy = Job(hold=True)
    dispatcher.add_task(busy)
    assert busy.begun.wait(PATIENCE)
    dispatcher.set_thread_count(1)
    eventually(lambda: sum(thread.is_alive() for thread in before) == 1, "the idle ones ended")
    assert busy.thread.is_alive()
    busy.may_end.set()
    assert run(dispatcher, eventually).thread is busy.thread
    dispatcher.set_thread_count(3)
    eventually(lambda: dispatcher.busy == 0 and len(dispatcher._threads) == 3, "three idle threads")


def test_cli_20_shutdown_leaves_no_thread_and_gives_up_what_did_not_begin(make, caplog):
    """CLI-20"""
    dispatcher = make(2)
    threads = set(dispatcher._threads)
    running, waiting = [Job(hold=True), Job(hold=True, error=OSError("gone"))], Job()
    for job in running:
        dispatcher.add_task(job)
        assert job.begun.wait(PATIENCE)
    dispatcher.add_task(waiting)
    caplog.clear()
    assert dispatcher.shutdown(timeout=0.01) is True
    assert waiting.cancelled
    assert not waiting.begun.is_set()
    for job in running:
        job.may_end.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert all(job.ended.is_set() and not job.cancelled for job in running)
    assert caplog.records == []  # the server tells of it in its own words


def test_cli_20_a_task_may_shut_its_own_dispatcher_down(make, eventually):
    """CLI-20"""
    dispatcher, ended = make(1), threading.Event()
    job = Job()
    job.service = lambda: (dispatcher.shutdown(timeout=PATIENCE), ended.set())
    dispatcher.add_task(job)
    assert ended.wait(PATIENCE / 2)
    eventually(lambda: not dispatcher._threads, "its thread ended")
