"""Tests and doctests of an application, run in a child of the server (AP-19, TEST-01..05)."""

import administration
from runtime.admin import test_jobs
from runtime.foundation.problems import UserError

LOOK_AGAIN = 2  # seconds until the page of a run that goes on is loaded again


def index():
    """The newest run of an application, as a tree: tests/index/APP."""
    folder = administration.application_folder(SITE, request.args(0))
    job = test_jobs.report_of(SITE, folder.name)
    if job is not None and job.running:
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return dict(app=folder.name, job=job, kinds=administration.KINDS)


def start():
    """Begins a run."""
    administration.needs_post()
    folder = administration.application_folder(SITE, request.post_vars.name)
    try:
        test_jobs.start(SITE, folder.name)
    except UserError as problem:
        session.flash = str(problem)
    redirect(URL("index", args=folder.name))


def cancel():
    """Ends a run."""
    administration.needs_post()
    folder = administration.application_folder(SITE, request.post_vars.name)
    if test_jobs.cancel(SITE, folder.name):
        session.flash = T("The tests were canceled.")
    else:
        session.flash = T("The tests have not ended yet.")
    redirect(URL("index", args=folder.name))
