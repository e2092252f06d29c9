"""A task queue of your own: send the mails that a table holds.

Copy it to `private/` of an application and edit it. It needs `mail` and a model like this one:

    db.define_table('queue', Field('status', default='pending'),
                    Field('email'), Field('subject'), Field('message', 'text'))

Start it once: from the system's service manager, by hand, or in the crontab by
`@reboot root *private/mail_queue.py`. A second one ends at once, since the first one holds the lock.

    hadron run APP private/mail_queue.py            # goes on until it is stopped
    hadron run APP private/mail_queue.py --once     # sends what waits now
"""

import os
import sys
import time

from portalocker import Lock, LockException

PAUSE = 60  # seconds between two looks


def send_all():
    """Send what waits; commit after each mail, so that none is sent twice."""
    for row in db(db.queue.status == "pending").select():  # noqa: F821
        sent = mail.send(to=row.email, subject=row.subject, message=row.message)  # noqa: F821
        row.update_record(status="sent" if sent else "failed")
        db.commit()  # noqa: F821


def send_for_ever():
    """Look again and again."""
    while True:
        send_all()
        db.rollback()  # noqa: F821  # a new transaction sees what others wrote meanwhile
        time.sleep(PAUSE)


try:
    with Lock(os.path.join(request.folder, "private", "mail_queue.lock"), "a", timeout=0):  # noqa: F821
        if "--once" in sys.argv:
            send_all()
        else:
            send_for_ever()
except LockException:
    print("it is running already")
