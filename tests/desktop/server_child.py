"""A real server process (sockets, waitress, control channel, protocol) around a small WSGI application.

Arguments: site folder, port, threads.
"""

import os
import sys
import time
from pathlib import Path

from runtime.config import build_config
from runtime.server.role import serve


def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/held":
        Path(sys.argv[1], "asked").touch()
        while not Path(sys.argv[1], "let-go").exists():
            time.sleep(0.02)
    if path == "/die":
        os._exit(9)
    environ.get("hadron.record", {}).update(application="welcome")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served by %d" % os.getpid()]


def main():
    folder, port, threads = sys.argv[1:]
    config = build_config(
        {"folder": folder, "port": int(port), "maxthreads": int(threads), "shutdown_timeout": 15}
    )
    return serve(
        config, supervised=True, make_application=lambda config, file: application, prepare=Path.exists
    )


if __name__ == "__main__":
    sys.exit(main())
