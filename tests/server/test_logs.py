"""Log lines, levels and logging.conf."""

import io
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.site import prepare
from runtime.config import sample_options_file
from runtime.foundation.log_lines import parse_log_line
from runtime.server import notify
from runtime.server.logs import (
    NAMES,
    LineFormatter,
    LogRing,
    configure_logging,
    sample_logging_conf,
)


def test_lines_have_time_source_level_message(site):
    """LOG-2, LOG-6: the documented format, and it can be parsed again."""
    stream = io.StringIO()
    configure_logging(site, 10, stream)
    logging.getLogger("web2py.app.myapp").warning("two\nlines %d", 2)
    logging.getLogger("web2py.server").info("hello")
    first, second, third = stream.getvalue().splitlines()
    parsed = parse_log_line(first)
    assert (parsed.source, parsed.level, parsed.message) == ("app.myapp", "warning", "two")
    assert parse_log_line(second) is None
    assert second == "    lines 2"
    assert parse_log_line(third).source == "server"


@given(st.text(), st.sampled_from(NAMES), st.sampled_from([10, 20, 30, 40, 50, 35]))
def test_whatever_is_logged_stays_one_message(text, name, level):
    """A message cannot fake the line of another."""
    record = logging.LogRecord(name, level, "f", 1, text, (), None)
    first, *more = LineFormatter().format(record).split("\n")
    assert parse_log_line(first) is not None
    assert all(line.startswith("    ") for line in more)


@pytest.mark.parametrize(("level", "shown"), [(0, "dw"), (10, "dw"), (30, "w"), (100, "")])
def test_cli_25_the_level_decides_what_the_console_shows(site, level, shown):
    """CLI-25: 0 shows everything, 100 nothing, 30 hides less than warnings."""
    stream = io.StringIO()
    configure_logging(site, level, stream)
    logging.getLogger("web2py").debug("d")
    logging.getLogger("web2py").warning("w")
    assert "".join(parse_log_line(line).message for line in stream.getvalue().splitlines()) == shown


def test_log_1_the_site_s_file_configures_and_files_lie_in_the_site(site, monkeypatch, tmp_path):
    """LOG-1, LOG-3, LOG-4: the shipped example, edited."""
    monkeypatch.chdir(tmp_path)
    text = sample_logging_conf()
    text = text.replace(
        "[logger_welcome]\nlevel=WARNING\nqualname=web2py.app.welcome\nhandlers=consoleHandler",
        "[logger_welcome]\nlevel=DEBUG\nqualname=web2py.app.welcome\nhandlers=rotatingFileHandler",
    )
    (site / "logging.conf").write_text(text)
    assert configure_logging(site, 100, io.StringIO()) is None
    logging.getLogger("web2py.app.welcome").debug("into the file")
    assert "app.welcome debug into the file" in (site / "web2py.log").read_text()
    for handler in logging.getLogger("web2py.app.welcome").handlers:
        handler.close()


@pytest.mark.parametrize(
    ("logger", "handler", "shown"),
    [("DEBUG", "DEBUG", True), ("ERROR", "DEBUG", False), ("DEBUG", "ERROR", False)],
)
def test_log_5_the_strictest_level_wins(site, capsys, logger, handler, shown):
    """LOG-5"""
    (site / "logging.conf").write_text(
        f"[loggers]\nkeys=root,app\n[handlers]\nkeys=c\n[formatters]\nkeys=f\n"
        f"[logger_root]\nlevel=WARNING\nhandlers=c\n"
        f"[logger_app]\nlevel={logger}\nqualname=web2py.app\nhandlers=c\npropagate=0\n"
        f"[handler_c]\nclass=FileHandler\nlevel={handler}\nformatter=f\nargs=('out.log',)\n"
        f"[formatter_f]\nformat=%(message)s\n"
    )
    assert configure_logging(site, 30, None) is None
    logging.getLogger("web2py.app.x").info("seen")
    assert ("seen" in (site / "out.log").read_text()) is shown
    logging.getLogger().handlers[0].close()


def test_a_broken_logging_conf_is_told_and_the_console_still_works(site):
    """LOCK-10, LOG-1"""
    (site / "logging.conf").write_text("[loggers]\nkeys=root\n")
    stream = io.StringIO()
    problem = configure_logging(site, 30, stream)
    assert "logging.conf" in problem
    assert "\n" not in problem
    logging.getLogger("web2py").warning("shown")
    assert "shown" in stream.getvalue()


def test_the_ring_keeps_the_latest_lines_for_who_adopts(site):
    ring = LogRing(size=3)
    configure_logging(site, 30, None, ring)
    for number in range(5):
        logging.getLogger("web2py").warning("n%d", number)
    found = ring.since(0)
    assert [line[-2:] for line in found["lines"]] == ["n2", "n3", "n4"]
    logging.getLogger("web2py").warning("n5")
    assert len(ring.since(found["cursor"])["lines"]) == 1


def test_a_closed_console_does_not_disturb_the_program(site):
    stream = io.StringIO()
    configure_logging(site, 30, stream)
    stream.close()
    logging.getLogger("web2py").warning("nobody hears it")


@pytest.mark.parametrize("family", ["runtime.server.notify", "gluon.messageboxhandler"])
def test_log_4_every_handler_loads_and_shows(site, monkeypatch, family):
    """LOG-4: console, rotating file, notification, message box, system log; old names of the classes too."""
    text = sample_logging_conf()
    if family != "runtime.server.notify":
        text = text.replace("runtime.server.notify.NotificationHandler", f"{family}.NotifySendHandler")
        text = text.replace("runtime.server.notify.MessageBoxHandler", f"{family}.MessageBoxHandler")
    names = "consoleHandler,rotatingFileHandler,notificationHandler,messageBoxHandler,sysLogHandler"
    text = text.replace(
        "[logger_welcome]\nlevel=WARNING\nqualname=web2py.app.welcome\nhandlers=consoleHandler",
        f"[logger_welcome]\nlevel=DEBUG\nqualname=web2py.app.welcome\nhandlers={names}",
    )
    (site / "logging.conf").write_text(text)
    assert configure_logging(site, 30, None) is None
    logger = logging.getLogger("web2py.app.welcome")
    handlers = {type(handler).__name__: handler for handler in logger.handlers}
    assert set(handlers) == {
        "StreamHandler", "RotatingFileHandler", "NotificationHandler", "MessageBoxHandler", "SysLogHandler",
    }  # fmt: skip
    rotating = handlers["RotatingFileHandler"]
    assert (rotating.maxBytes, rotating.backupCount) == (1_000_000, 5)
    shown = []
    monkeypatch.setattr(notify.ScreenHandler, "_run", staticmethod(shown.append))
    monkeypatch.setattr(notify.shutil, "which", lambda name: f"/bin/{name}")
    for _ in range(50):
        logger.critical("-x 'quoted' <b>&\nline")
    logger.error("not in the box")
    assert len(shown) == 2, "a flood is dropped"
    assert all("-x 'quoted' <b>&\nline" in " ".join(command) for command in shown)
    monkeypatch.setattr(notify.shutil, "which", lambda name: None)
    notify.NotificationHandler().emit(logging.makeLogRecord({"msg": "nobody to show it"}))
    for handler in logger.handlers:
        handler.close()
    logger.handlers.clear()


@pytest.mark.parametrize("platform", ["win32", "darwin", "linux"])
def test_log_4_texts_are_no_code_of_the_system_s_programs(monkeypatch, platform):
    """LOG-4: quotes in a message end no string."""
    monkeypatch.setattr(notify.sys, "platform", platform)
    monkeypatch.setattr(notify.shutil, "which", lambda name: name)
    for handler in (notify.NotificationHandler(), notify.MessageBoxHandler()):
        command = handler.command("a\"b'c\\d", True)
        script = command[-1]
        if platform == "win32":
            assert "'a\"b''c\\d'" in script
        elif platform == "darwin":
            assert '"a\\"b\'c\\\\d"' in script
        else:
            assert "a\"b'c\\d" in script


def test_log_1_conf_05_the_example_files_are_those_of_the_program(tmp_path):
    """LOG-1, CONF-02, CONF-05: a new site has them in `examples`, where nothing reads them."""
    prepare(tmp_path / "new", create=True)
    examples = tmp_path / "new" / "examples"
    assert (examples / "logging.example.conf").read_text("utf-8") == sample_logging_conf()
    assert (examples / "options_std.py").read_text("utf-8") == sample_options_file()
    assert (examples / "routes.parametric.example.py").is_file()
    assert (examples / "routes.patterns.example.py").is_file()
    (examples / "options_std.py").unlink()
    prepare(tmp_path / "new")
    assert not (examples / "options_std.py").exists(), "what a person removed stays away"
