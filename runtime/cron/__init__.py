"""Crontabs of applications: read, find what is due, run it, keep what became of it (CRON-01..23)."""

from runtime.cron.crontab import CrontabProblem, Entry, parse_crontab
from runtime.cron.jobs import Job, find_job, jobs_of_site
from runtime.cron.master import Master
from runtime.cron.modes import HardCron, SoftCron, run_due
from runtime.cron.records import Record, Records
from runtime.cron.runs import Runs
from runtime.cron.schedule import Schedule

__all__ = [
    "CrontabProblem", "Entry", "HardCron", "Job", "Master", "Record", "Records", "Runs", "Schedule",
    "SoftCron", "find_job", "jobs_of_site", "parse_crontab", "run_due",
]  # fmt: skip
