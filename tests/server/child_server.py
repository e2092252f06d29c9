"""A real server process with a tiny application: `python child_server.py [--supervised] OPTIONS`."""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runtime.cli.parser import make_options, parse
from runtime.foundation.problems import UserError
from runtime.server.role import serve


class TinyApplication:
    """Answers ``/``, ``/held``, ``/print`` and ``/name``; the site's file ``behave`` changes the index."""

    default_application = "tiny"

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        record = environ["hadron.record"]
        record["application"] = "tiny"
        status, body = "200 OK", b"hello"
        if path == "/held":
            while not (self.folder / "let-go").exists():
                time.sleep(0.02)
            body = b"slow answer"
        elif path == "/print":
            print("printed by the application", flush=True)
            os.write(1, b"written below Python\n")
            body = repr(sys.stdin.read()).encode()
        elif path == "/name":
            body = environ["SERVER_NAME"].encode()
        elif path == "/" and (self.folder / "behave").exists():
            behave = (self.folder / "behave").read_text()
            if behave == "hang":
                time.sleep(3600)
            record["ticket"], record["error"] = "tiny/1", "ValueError"
            status, body = "500 INTERNAL SERVER ERROR", b"ticket"
        start_response(status, [("Content-Type", "text/plain")])
        return [body]


class _Missing(UserError):
    kind = "folder_missing"


def prepare(folder):
    if not folder.is_dir():
        raise _Missing(f"the folder {folder} does not exist")


def make(config, password_file):
    if (config.folder / "broken").exists():
        raise ValueError("cannot build")
    return TinyApplication(config.folder)


if __name__ == "__main__":
    import runtime.server.role as role

    options = make_options(parse(sys.argv[1:]), lambda text: print(text, file=sys.stderr))
    behave = options.config.folder / "behave"
    if behave.exists() and behave.read_text() == "hang":
        role.READY_WITHIN = 1.0
    if options.config.quiet and not options.supervised:
        from runtime.server.logs import silence_console

        silence_console()
    sys.exit(serve(options.config, supervised=options.supervised, make_application=make, prepare=prepare))
