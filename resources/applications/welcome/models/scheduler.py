# Work in the background, switched off: set enabled in [scheduler] of private/appconfig.ini, then start a worker
# with  hadron worker APPLICATION  or from the window. scheduler.queue_task("count_notes") gives it something to do.
if configuration.get("scheduler.enabled"):
    from gluon.scheduler import Scheduler

    def count_notes():
        """A task: what it returns is kept with its run."""
        return db(db.note).count()

    scheduler = Scheduler(db, dict(count_notes=count_notes))
