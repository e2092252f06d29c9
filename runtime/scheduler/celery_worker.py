"""Delivery through Celery: a broker and Celery's workers distribute the tasks, the tables stay the record.

Each worker does two things. It hands tasks whose time has come to the broker,
in the transaction that marks them `ASSIGNED`; and it is a worker of Celery,
whose one Celery task names a row of `scheduler_task`. The row is claimed as
by any other worker, so a message that comes twice, or late, does nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from runtime.foundation.problems import UserError
from runtime.scheduler import states
from runtime.scheduler.executor import Message
from runtime.scheduler.keeper import ExecutorKeeper
from runtime.scheduler.records import Claim
from runtime.scheduler.rows import GROUP, ID
from runtime.scheduler.settings import WorkerSettings
from runtime.scheduler.task_run import TaskRun
from runtime.scheduler.worker import Worker

log = logging.getLogger("web2py.scheduler")

TASK = "hadron.run"
"""Name of the Celery task; its one argument is the id of a row of `scheduler_task`."""

_SENT_AT_ONCE = 200
_RESEND_BEATS = 20  # heartbeats after which a message counts as lost, ...
_RESEND_SECONDS = 60.0  # ... and seconds at least
_MOST_BACK_OFF = 5.0  # seconds between two attempts to reach the broker
_BROKER_SECONDS = 2  # until a broker that does not answer is given up
_LET_OTHERS = 1.0  # seconds until a sleeping worker gives a message back to the broker


def queue_name(application: str | None, group: str) -> str:
    """Return the broker's queue for the tasks of a group."""
    return f"hadron.{application or '-'}.{group}"


def make_app(settings: WorkerSettings) -> Any:
    """Return the Celery application of a scheduler.

    Raises:
        UserError: Celery is not installed.
    """
    try:
        from celery import Celery
        from kombu import Queue
    except ImportError:
        raise UserError("Scheduler(engine='celery') needs Celery: pip install hadron[celery]") from None
    app = Celery("hadron", broker=settings.broker, set_as_current=False)
    names = [queue_name(settings.application, group) for group in sorted(set(settings.group_names))]
    app.conf.update(
        task_queues=[Queue(name) for name in names],
        task_create_missing_queues=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=_BROKER_SECONDS,
    )
    return app


@dataclass
class Delivery:
    """A message of the broker, until it is acknowledged or given back."""

    task_id: int
    settled: threading.Event = field(default_factory=threading.Event)
    give_back: bool = False

    def settle(self, give_back: bool = False) -> None:
        """Let Celery acknowledge the message, or give it back to the broker."""
        self.give_back = give_back
        self.settled.set()


class CeleryWorker(Worker):
    """Runs the tasks that a broker delivers.

    Args:
        settings: how it works; `broker` is the broker's address.
        inbox, keeper: see `Worker`.

    Raises:
        UserError: Celery is not installed.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        inbox: SimpleQueue[Message] | None = None,
        keeper: ExecutorKeeper | None = None,
    ) -> None:
        super().__init__(settings, inbox, keeper)
        self._app = make_app(settings)
        self._waiting: deque[Delivery] = deque()
        self._held: dict[int, Delivery] = {}
        self._broker_at = 0.0
        self._broker_pause = 0.0
        self._resend_at = 0.0
        self._controller: Any = None

    # -- Celery's side -----------------------------------------------------------------------

    def _started(self) -> None:
        inbox = self.inbox

        def run(task_id: int) -> None:
            from celery.exceptions import Reject

            delivery = Delivery(int(task_id))
            inbox.put(Message("deliver", values={"delivery": delivery}))
            delivery.settled.wait()
            if delivery.give_back:
                raise Reject(requeue=True)

        self._app.task(run, name=TASK)
        self._app.finalize()
        self._controller = self._app.WorkController(
            pool_cls="threads",
            concurrency=1,
            queues=[queue_name(self.settings.application, group) for group in set(self.settings.group_names)],
            hostname=f"hadron@{self.name}",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            task_events=False,
        )
        threading.Thread(target=self._controller.start, name="hadron-celery", daemon=True).start()

    def _close(self) -> None:
        """Give messages back to the broker; the rest as every worker."""
        for delivery in [*self._waiting, *self._held.values()]:
            delivery.settle(give_back=True)
        if self._controller is not None:
            stop = threading.Thread(target=self._stop_celery, daemon=True)
            stop.start()
            stop.join(_LET_OTHERS)
        super()._close()

    def _stop_celery(self) -> None:
        try:
            self._controller.stop()
        except Exception as error:  # nothing depends on how Celery ends
            log.debug("celery: %s", error)

    def _take_message(self, message: Message) -> None:
        if message.kind == "deliver":
            self._waiting.append(message.values["delivery"])
        else:
            super()._take_message(message)

    # -- to the broker -----------------------------------------------------------------------

    def _distribute(self) -> None:
        """Hand the tasks that are due to the broker."""
        now = time.monotonic()
        if now < self._broker_at:
            return
        if now >= self._resend_at:
            self._resend_at = now + max(_RESEND_BEATS * self.settings.heartbeat, _RESEND_SECONDS) / 4
            self.store.requeue_lost(max(_RESEND_BEATS * self.settings.heartbeat, _RESEND_SECONDS))
        groups = sorted(set(self.settings.group_names))
        while True:
            due = self.store.next_due(groups, None)
            wait = (due - self.store.now()).total_seconds() if due is not None else float("inf")
            if wait > 0:
                self._found_nothing(wait)
                return
            try:
                with self._app.producer_pool.acquire(block=True) as producer:
                    # first the broker: a transaction must not wait for one that is away
                    producer.connection.ensure_connection(max_retries=1, timeout=_BROKER_SECONDS)
                    with self.store.transaction():
                        self._send(groups, producer)
            except Exception as error:
                if not self._is_of_broker(error):
                    raise
                self._broker_pause = min(max(self._broker_pause * 2, 0.2), _MOST_BACK_OFF)
                self._broker_at = now + self._broker_pause
                self._found_nothing(self._broker_pause)
                log.warning("worker %s: broker: %s; again in %.1f s", self.name, error, self._broker_pause)
                return
            self._broker_pause = 0.0

    def _send(self, groups: list[str], producer: Any) -> None:
        now = self.store.now()
        rows = [
            row for row in self.store.due(groups, now, _SENT_AT_ONCE) if not self.store.set_aside(row, now)
        ]
        if not rows:
            return
        for row in rows:
            # before the commit: a message that is never sent would be a task that never runs, while
            # one that comes too early waits for this transaction, or finds the task queued
            self._app.send_task(
                TASK,
                args=[int(row[ID])],
                queue=queue_name(self.settings.application, row[GROUP]),
                producer=producer,
                retry=False,
            )
        self.store.assign_to(states.BROKER, [row[ID] for row in rows], sent_at=now)

    def _is_of_broker(self, error: Exception) -> bool:
        from kombu.exceptions import KombuError

        transport = self._app.connection_for_write().transport
        kinds = (KombuError, *transport.connection_errors, *transport.channel_errors)
        return isinstance(error, kinds) and not self.connection.passes(error)

    # -- from the broker ---------------------------------------------------------------------

    def _may_take(self) -> bool:
        return not self.ordered and self.status in states.WORKING

    def _is_eager(self) -> bool:
        free = self.work.is_empty and bool(self.work.room())
        return self._may_take() and (
            (self._look and self._broker_at <= time.monotonic()) or (free and bool(self._waiting))
        )

    def _has_work(self) -> bool:
        if not self.work.is_empty:
            return False
        if self.ordered or self.status not in states.WORKING:
            while self._waiting:
                threading.Timer(_LET_OTHERS, self._waiting.popleft().settle, (True,)).start()
            return False
        return bool(self.work.room()) and bool(self._waiting or self._has_assigned())

    def _has_assigned(self) -> bool:
        """Tell whether a task waits that is meant for this very worker (SCHED-38)."""
        if not self._look_assigned:
            return False
        self._look_assigned = False
        due = self.store.next_due([], self.name)
        return due is not None and due <= self.store.now()

    def _claims(self, room: int) -> list[Claim]:
        claims: list[Claim] = []
        while self._waiting and len(claims) < room:
            delivery = self._waiting[0]
            claim = self.store.claim_one(delivery.task_id, self.name)
            self._waiting.popleft()
            if claim is None:
                delivery.settle()  # it has run, or is not to run any more
            else:
                self._held[claim.task_id] = delivery
                claims.append(claim)
        return claims or self.store.claim(self.name, [], assigned=True, most=room)

    def _ended(self, runs: list[TaskRun], returned: list[Claim]) -> None:
        super()._ended(runs, returned)
        for task_id in [*(run.claim.task_id for run in runs), *(claim.task_id for claim in returned)]:
            delivery = self._held.pop(task_id, None)
            if delivery is not None:
                delivery.settle()
