"""Crontabs: what a line says, and when it is due."""

import datetime
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.cron import Schedule, parse_crontab
from runtime.cron.jobs import crontabs_of_site, find_job, jobs_of_site
from runtime.foundation.problems import UserError

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy


def moment(text):
    return datetime.datetime.fromisoformat(text)


def minute(text):
    return int(moment(text).timestamp() // 60)


def entry(line):
    entries, problems = parse_crontab(line)
    assert not problems, problems
    return entries[0]


def test_cron_02_a_line():
    """CRON-02, CRON-13: five fields, a user that says nothing, a command."""
    found = entry("30 3 * * * root *applications/admin/cron/db_vacuum.py")
    assert found.user == "root"
    assert found.target == "applications/admin/cron/db_vacuum.py"
    assert found.schedule.next_after(moment("2026-05-01 12:00")) == moment("2026-05-02 03:30")


@pytest.mark.parametrize(
    ("fields", "after", "expected"),
    [
        ("*/30 * * * *", "2026-05-01 12:01", "2026-05-01 12:30"),
        ("0-59/1 * * * *", "2026-05-01 12:01", "2026-05-01 12:02"),
        ("5,10,50-52 * * * *", "2026-05-01 12:50", "2026-05-01 12:51"),
        ("0 0 * * 1-5", "2026-05-01 12:00", "2026-05-04 00:00"),  # Friday: Monday is next
        ("0 0 * * 0", "2026-05-01 12:00", "2026-05-03 00:00"),
        ("0 0 * * 7", "2026-05-01 12:00", "2026-05-03 00:00"),
        ("0 0 * * MON", "2026-05-01 12:00", "2026-05-04 00:00"),
        ("0 0 1 jan *", "2026-05-01 12:00", "2027-01-01 00:00"),
        ("0 0 13 * 5", "2026-05-02 12:00", "2026-05-08 00:00"),  # day of month or of week
        ("@hourly", "2026-05-01 12:00", "2026-05-01 13:00"),
        ("@daily", "2026-05-01 12:00", "2026-05-02 00:00"),
        ("@midnight", "2026-05-01 12:00", "2026-05-02 00:00"),
        ("@weekly", "2026-05-01 12:00", "2026-05-03 00:00"),
        ("@monthly", "2026-05-01 12:00", "2026-06-01 00:00"),
        ("@yearly", "2026-05-01 12:00", "2027-01-01 00:00"),
        ("@annually", "2026-05-01 12:00", "2027-01-01 00:00"),
    ],
)
def test_cron_03_04_times(fields, after, expected):
    """CRON-03, CRON-04: steps, ranges, lists, names, both Sundays, short forms."""
    schedule = entry(f"{fields} root true").schedule
    assert schedule.next_after(moment(after)) == moment(expected)
    due = minute(expected)
    assert schedule.is_due(due - 1, due)
    assert not schedule.is_due(minute(after), due - 1)
    assert not schedule.is_due(due, due)


def test_cron_05_reboot():
    """CRON-05, AMB-22: once at start, with and without fields that say nothing; never due by the clock."""
    for line in ("@reboot root *c/f", "@reboot * * * * root *c/f"):
        found = entry(line)
        assert found.schedule.at_start
        assert (found.user, found.target) == ("root", "c/f")
        assert not found.schedule.is_due(0, minute("2026-05-01 12:00"))


@pytest.mark.parametrize(
    ("command", "target", "arguments", "models"),
    [
        ("python /path/script.py", "", (), False),
        ("date +%Y > /tmp/x", "", (), False),
        ("*private/a.py", "private/a.py", (), True),
        ("*private/a.py x 'y z'", "private/a.py", ("x", "y z"), True),
        ("**private/a.py", "private/a.py", (), False),
        ("*c/f", "c/f", (), True),
        ("**c/f", "c/f", (), False),
    ],
)
def test_cron_06_10_commands(command, target, arguments, models):
    """CRON-06, CRON-07, CRON-08, CRON-09, CRON-10"""
    found = entry(f"* * * * * root {command}")
    assert (found.command, found.target, found.arguments, found.models) == (
        command,
        target,
        arguments,
        models,
    )
    assert found.is_external is (target == "")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("61 * * * * root x", "61"),
        ("*/0 * * * * root x", "0"),
        ("x * * * * root x", "'x'"),
        ("R * * * * root x", "'r'"),
        ("0 0 30 2 * root x", "30 2"),
        ("* * * * root", "user and a command"),
        ("* * * * * root", "user and a command"),
        ("@reboot root", "user and a command"),
        ("@noon root x", "@hourly"),
        ("* * * * * root ***a.py", "asterisk"),
        ("* * * * * root *index", "controller/function"),
        ("MAILTO=ann", "five fields"),
    ],
)
def test_cron_23_a_bad_line_is_reported_the_others_run(site, caplog, line, reason):
    """CRON-23: the log names it once, the next line runs."""
    path = site.crontab("# a comment", "", line, "@hourly root true")
    (job,) = jobs_of_site(site.root)
    assert job.entry.line == 4
    jobs_of_site(site.root)
    (record,) = caplog.records
    assert f"{path}, line 3" in record.getMessage()
    assert reason in record.getMessage()


@relaxed
@given(st.text(alphabet="0123456789*/,-@ rebotmnjhlyw.#\tx'\"", max_size=60) | st.text(max_size=40))
def test_cron_23_no_text_breaks_the_parser(text):
    """CRON-23: every line is a job, a problem, or says nothing."""
    entries, problems = parse_crontab(text)
    said = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert len(entries) + len(problems) == len(said)


FIELD = st.sampled_from(["*", "*/7", "3", "1,2", "2-6"])


@relaxed
@given(st.tuples(FIELD, FIELD, FIELD, FIELD, FIELD), st.integers(27_000_000, 32_000_000), st.integers(1, 90))
def test_what_is_due_is_what_comes_next(fields, last, length):
    """CRON-02: `is_due` says what `next_after` says."""
    schedule = Schedule(" ".join(fields))
    following = schedule.next_after(datetime.datetime.fromtimestamp(last * 60))
    due = following <= datetime.datetime.fromtimestamp((last + length) * 60)
    assert schedule.is_due(last, last + length) is due


@pytest.fixture
def berlin(monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone can not be set")
def test_cron_02_when_clocks_change(berlin):
    """CRON-02: the lost hour's jobs run after it, the doubled hour's fixed ones once, minutely ones always."""
    spring = minute("2026-03-29 01:59")  # the next minute is 03:00
    assert Schedule("30 2 * * *").is_due(spring, spring + 1)
    autumn = int(datetime.datetime(2026, 10, 25, 2, 0, fold=0).timestamp() // 60)
    assert Schedule("30 2 * * *").is_due(autumn + 29, autumn + 30)
    assert not Schedule("30 2 * * *").is_due(autumn + 89, autumn + 90)
    assert all(Schedule("* * * * *").is_due(m, m + 1) for m in range(autumn - 5, autumn + 130))
    assert Schedule("30 3 * * *").is_due(autumn + 149, autumn + 150)


def test_cron_01_a_changed_crontab_counts_at_once(site):
    """CRON-01: one per application; read again when it changed; none of an application that is off."""
    site.crontab("@hourly root first")
    site.crontab("@hourly root other", app="other")
    assert [job.entry.command for job in jobs_of_site(site.root)] == ["first", "other"]
    site.crontab("@hourly root second", "@hourly root third")
    assert [job.entry.command for job in jobs_of_site(site.root)] == ["second", "third", "other"]
    (site.root / "applications" / "other" / "DISABLED").touch()
    assert list(crontabs_of_site(site.root)) == ["myapp"]


def test_a_job_keeps_its_name_when_lines_move(site):
    """SV-18: the id of a job follows time and command, not the line; twins differ."""
    site.crontab("@hourly root a", "@hourly root a")
    first, twin = jobs_of_site(site.root)
    assert first.id != twin.id
    site.crontab("# new", "", "@hourly ann a")
    (moved,) = jobs_of_site(site.root)
    assert moved.id == first.id
    assert find_job(site.root, "myapp:3") == find_job(site.root, first.id[:6]) == moved
    with pytest.raises(UserError, match="hadron cron list"):
        find_job(site.root, "nosuch")
