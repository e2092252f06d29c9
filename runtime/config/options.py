"""The table of all options: parser, help text, options file and documentation come from it (CLI-01..54)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "integer", "seconds", "flag", "port", "level", "path", "interfaces", "remainder"]

SECTIONS = {
    "server": "Web server",
    "tls": "TLS",
    "site": "Site and files",
    "console": "Console and window",
    "cron": "Cron",
    "scheduler": "Scheduler",
    "tools": "Shell, scripts and tests",
}
"""Groups of options, in the order of the help text: key and title."""


@dataclass(frozen=True)
class Option:
    """One option of the command line and, when `file_name` is set, of the options file.

    Attributes:
        name: attribute that carries the value.
        long: long form; further spellings in `aliases`.
        kind: how the text is read.
        section: key of `SECTIONS`.
        help: one sentence or two, for `--help` and the documentation.
        short: one letter, without the dash.
        metavar: what the value is called in the help text.
        default: value when neither command line nor options file sets it.
        file_name: name in the options file (CONF-02); None when it has none there.
        sample: value in the sample options file, as Python source.
        spec: the requirement it implements.
        refusal: one sentence that refuses the option; None when it works.
        notice: one sentence said when it is used; it has no other effect than described there.
    """

    name: str
    long: str
    kind: Kind
    section: str
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()
    metavar: str = ""
    default: Any = None
    file_name: str | None = None
    sample: str | None = None
    spec: str = ""
    refusal: str | None = None
    notice: str | None = None

    @property
    def flags(self) -> list[str]:
        """Every spelling, short one first."""
        short = [f"-{self.short}"] if self.short else []
        return [*short, f"--{self.long}", *(f"--{alias}" for alias in self.aliases)]


def _later(what: str) -> str:
    return f"{what} is not available in this version"


_TLS = _later("serving TLS") + "; put a web server that speaks TLS in front and let it forward to this one"

OPTIONS: tuple[Option, ...] = (
    Option("ip", "ip", "text", "server", "Address to listen on, IPv4 or IPv6; ignored with --interfaces.",
           short="i", metavar="IP", default="127.0.0.1", file_name="ip", sample="'0.0.0.0'", spec="CLI-03"),
    Option("port", "port", "port", "server", "TCP port; 0 lets the system choose a free one.",
           short="p", metavar="PORT", default=8000, file_name="port", sample="80", spec="CLI-04"),
    Option("interfaces", "interfaces", "interfaces", "server",
           'Listen on several addresses: "ip1:port1;ip2:port2"; IPv6 in square brackets, no blanks.',
           metavar="LIST", file_name="interfaces", sample="[('0.0.0.0', 80)]", spec="CLI-48"),
    Option("password", "password", "text", "server",
           'Administrator password; serve from the console without a window. "<ask>" prompts, "<recycle>" '
           'uses the stored one of this port, "<pam_user:NAME>" asks the operating system.',
           short="a", metavar="PASSWORD", file_name="password", sample="'<recycle>'", spec="CLI-05..08"),
    Option("server_name", "server_name", "text", "server", "Name of the server; default the host name.",
           short="s", aliases=("server-name",), metavar="NAME", file_name="server_name",
           sample="socket.gethostname()", spec="CLI-17"),
    Option("numthreads", "numthreads", "integer", "server", "Deprecated spelling of --maxthreads.",
           short="n", metavar="N", file_name="numthreads", spec="CLI-14",
           notice="-n/--numthreads is deprecated: use --maxthreads"),
    Option("minthreads", "minthreads", "integer", "server", "At least this many worker threads.",
           metavar="N", file_name="minthreads", sample="None", spec="CLI-15"),
    Option("maxthreads", "maxthreads", "integer", "server", "At most this many worker threads; default 8.",
           metavar="N", file_name="maxthreads", sample="None", spec="CLI-16"),
    Option("request_queue_size", "request_queue_size", "integer", "server",
           "How many connections may wait while the server is busy (the listen backlog).",
           short="q", aliases=("request-queue-size",), metavar="N", default=128,
           file_name="request_queue_size", sample="5", spec="CLI-18"),
    Option("timeout", "timeout", "seconds", "server",
           "Close a connection on which the client is silent, or takes no byte of the answer, for so long.",
           short="o", metavar="SEC", default=10.0, file_name="timeout", sample="30", spec="CLI-19"),
    Option("shutdown_timeout", "shutdown_timeout", "seconds", "server",
           "Wait at most this long for running requests when stopping.",
           short="z", aliases=("shutdown-timeout",), metavar="SEC", default=5.0,
           file_name="shutdown_timeout", sample="5", spec="CLI-20"),
    Option("socket_timeout", "socket-timeout", "seconds", "server",
           "Give up a connection whose peer does not acknowledge sent data for so long.",
           aliases=("socket_timeout",), metavar="SEC", default=5.0, file_name="socket_timeout",
           spec="CLI-21"),
    Option("ssl_certificate", "ssl_certificate", "path", "tls", "PEM certificate; together with -k.",
           short="c", metavar="FILE", file_name="ssl_certificate", sample="None", spec="CLI-09",
           refusal=_TLS),
    Option("ssl_private_key", "ssl_private_key", "path", "tls", "PEM private key; together with -c.",
           short="k", metavar="FILE", file_name="ssl_private_key", sample="None", spec="CLI-10",
           refusal=_TLS),
    Option("ca_cert", "ca-cert", "path", "tls", "CA certificate that client certificates are checked with.",
           metavar="FILE", spec="CLI-11", refusal=_TLS),
    Option("folder", "folder", "path", "site",
           "Site folder: the one that holds `applications`; default in the user's data folder.",
           short="f", metavar="FOLDER", file_name="folder", sample="os.getcwd()", spec="CLI-22"),
    Option("config", "config", "path", "site", "Read options from a Python file; the command line wins.",
           short="L", metavar="FILE", spec="CLI-43"),
    Option("pid_filename", "pid_filename", "path", "site",
           "Write the process id to this file; relative to the site folder.",
           short="d", aliases=("pid-filename",), metavar="FILE", file_name="pid_filename",
           sample="'httpserver.pid'", spec="CLI-12"),
    Option("log_filename", "log_filename", "path", "site",
           "Access log, one line per request; relative to the site folder.",
           short="l", aliases=("log-filename",), metavar="FILE", file_name="log_filename",
           sample="'httpserver.log'", spec="CLI-13"),
    Option("profiler_filename", "profiler", "path", "site", "Write one profile per request into this folder.",
           short="F", metavar="DIR", file_name="profiler_filename", sample="None", spec="CLI-44"),
    Option("trusted_proxies", "trusted-proxies", "text", "site",
           "Addresses, with commas, whose X-Forwarded headers are believed.",
           metavar="IPS", default="127.0.0.1,::1", file_name="trusted_proxies", spec="AMB-37"),
    Option("host_names", "host-names", "text", "site",
           "Hosts, with commas, under which visitors reach the site, as www.example.org or *.example.org: "
           "links in mails lead to no other. What an application names itself comes first.",
           metavar="HOSTS", file_name="host_names", spec="SEC"),
    Option("production", "production", "flag", "site",
           "Serve a finished site: look for changed files once a second instead of at every request, and "
           "never write to language files.",
           default=False, file_name="production", spec="FLOW-14, T-15, T-21"),
    Option("nogui", "nogui", "flag", "console", "Serve from the console; never open a window.",
           default=False, spec="CLI-46"),
    Option("taskbar", "taskbar", "flag", "console", "Start in the system tray.",
           short="t", default=False, spec="CLI-45"),
    Option("start_server", "start-server", "flag", "console", "With the window: start the server, too.",
           default=False, spec="SH-15"),
    Option("safe", "safe", "flag", "console", "With the window: leave settings aside, but the site folder.",
           default=False, spec="ST-10"),
    Option("no_banner", "no-banner", "flag", "console", "Do not print the start-up header.",
           default=False, spec="CLI-47"),
    Option("quiet", "quiet", "flag", "console", "Switch off all console output.",
           short="Q", default=False, spec="CLI-24"),
    Option("debug", "debug", "level", "console",
           "Level of console messages, 0 (all) to 100 (none), as Python's logging counts.",
           short="D", metavar="N", default=30, spec="CLI-25"),
    Option("verbose", "verbose", "flag", "console", "Make --test talkative.",
           short="v", default=False, spec="CLI-23"),
    Option("no_cron", "no-cron", "flag", "cron", "No effect: cron is off unless asked for.",
           short="N", default=False, file_name="nocron", sample="None", spec="CLI-50",
           notice="-N/--no-cron has no effect: cron is off unless -Y is given"),
    Option("run_cron", "run-cron", "flag", "cron", "Run the applications' crontabs beside the web server.",
           short="Y", default=False, file_name="runcron", spec="CLI-41"),
    Option("softcron", "softcron", "flag", "cron", "Instead of -Y: run what is due after a page was served.",
           default=False, spec="CLI-40"),
    Option("cron", "cron", "flag", "cron", "Run what is due now, then exit: for the system's own cron.",
           short="C", default=False, file_name="extcron", sample="None", spec="CLI-39"),
    Option("cronjob", "cronjob", "flag", "cron", "This process was started by cron: it starts none itself.",
           short="J", default=False, spec="CLI-42"),
    Option("scheduler", "scheduler", "text", "scheduler",
           "Start scheduler workers: app1,app2 or app1:group1:group2,app2; repeat an app for more workers.",
           short="K", metavar="APPS", spec="CLI-33..35"),
    Option("with_scheduler", "with-scheduler", "flag", "scheduler",
           "Run the -K workers beside the web server.",
           short="X", default=False, spec="CLI-36"),
    Option("shell", "shell", "text", "tools", "Interactive shell in an application: APP or APP/c/f.",
           short="S", metavar="APP", spec="CLI-26, CLI-27"),
    Option("bpython", "bpython", "flag", "tools", "Use bpython for the shell.",
           short="B", default=False, spec="CLI-28"),
    Option("plain", "plain", "flag", "tools", "Use the plain Python shell.",
           short="P", default=False, spec="CLI-29"),
    Option("import_models", "import_models", "flag", "tools", "Run the models before the shell or script.",
           short="M", aliases=("import-models",), default=False, spec="CLI-30"),
    Option("run", "run", "path", "tools", "Run a Python file in the application's environment; with -S.",
           short="R", metavar="FILE", spec="CLI-31"),
    Option("args", "args", "remainder", "tools", "Everything behind it goes to the script of -R; comes last.",
           short="A", metavar="...", spec="CLI-32"),
    Option("test", "test", "text", "tools", "Run the doctests of controllers: APP, APP/c or APP/c/f.",
           short="T", metavar="PATH", spec="CLI-37, CLI-38"),
    Option("run_system_tests", "run_system_tests", "flag", "tools", "Run the runtime's own tests.",
           default=False, spec="CLI-49"),
    Option("winservice", "winservice", "text", "tools", "Removed; a service wrapper does this today.",
           short="W", metavar="ACTION", spec="CLI-51",
           refusal="-W/--winservice was removed: to run as a Windows service, let a service wrapper such as "
                   "NSSM start `hadron serve`"),
)  # fmt: skip
"""Every option but --help and --version."""

BY_NAME: dict[str, Option] = {option.name: option for option in OPTIONS}
BY_FILE_NAME: dict[str, Option] = {option.file_name: option for option in OPTIONS if option.file_name}


def default_of(name: str) -> Any:
    """Return the built-in default of the option `name`."""
    return BY_NAME[name].default
