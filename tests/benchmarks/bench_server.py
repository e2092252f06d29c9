"""What the server adds to bare waitress: CPU per request, time of the metrics wrapper, start to listening.

    python tests/benchmarks/bench_server.py [REQUESTS]

Each server runs in a child process; the client is this process, one keep-alive connection, and the
CPU time is the child's own, so that client and other load do not count. Rounds alternate.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

ROUNDS = 5

SERVER = """
import sys, threading
sys.path.insert(0, sys.argv[2])
def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
if sys.argv[1] == "bare":
    from waitress.server import create_server
    server = create_server(hello, host="127.0.0.1", port=0, threads=8)
    print(server.effective_port, flush=True)
    threading.Thread(target=server.run, daemon=True).start()
else:
    from pathlib import Path
    from runtime.config import Address, ServerConfig
    from runtime.server.access_log import AccessLog
    from runtime.server.metrics import MeteredApplication, Metrics
    from runtime.server.web_server import WebServer
    log = AccessLog(Path(sys.argv[3])).write if sys.argv[1] == "logged" else None
    application = hello if sys.argv[1] == "server" else MeteredApplication(hello, Metrics(), ["127.0.0.1"], log)
    server = WebServer(application, ServerConfig(Path("."), (Address("127.0.0.1", 0),)))
    server.start()
    print(server.address.port, flush=True)
sys.stdin.read()
"""

KINDS = {
    "bare": "waitress alone",
    "server": "WebServer",
    "metered": "WebServer + metrics",
    "logged": "WebServer + metrics + access log",
}


def start(kind: str, folder: str) -> tuple[subprocess.Popen[str], http.client.HTTPConnection]:
    """Start a server of `kind` and connect to it."""
    command = [sys.executable, "-c", SERVER, kind, str(ROOT), f"{folder}/access.log"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    return child, http.client.HTTPConnection("127.0.0.1", int(child.stdout.readline()))


def cpu_per_request(child: subprocess.Popen[str], client: http.client.HTTPConnection, count: int) -> float:
    """Return microseconds of the child's CPU time per request."""
    process = psutil.Process(child.pid)
    before = process.cpu_times()
    for _ in range(count):
        client.request("GET", "/welcome/default/index?a=1")
        client.getresponse().read()
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / count * 1e6


def wrapper_cost(count: int) -> float:
    """Return microseconds that the wrapper adds to one call, best of several rounds."""
    from runtime.server.metrics import MeteredApplication, Metrics

    def hello(environ, start_response):
        start_response("200 OK", [])
        return [b"hello"]

    environ = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/a", "REMOTE_ADDR": "127.0.0.1"}
    metered = MeteredApplication(hello, Metrics(), ["127.0.0.1"])

    def timed(application) -> float:
        began = time.perf_counter()
        for _ in range(count):
            application(environ, lambda status, headers: None)
        return (time.perf_counter() - began) / count * 1e6

    return min(timed(metered) for _ in range(7)) - min(timed(hello) for _ in range(7))


def start_to_listening() -> float:
    """Return milliseconds from starting a process to its event *listening*."""
    child_program = ROOT / "tests" / "server" / "child_server.py"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(child_program), "--supervised", "-f", folder, "-p", "0"]
        environment = {**os.environ, "HADRON_RUNTIME_DIR": folder}
        began = time.perf_counter()
        child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write("{}\n")
        child.stdin.flush()
        for line in child.stdout:
            if json.loads(line)["event"] == "listening":
                break
        milliseconds = (time.perf_counter() - began) * 1000
        child.stdin.close()
        child.stdout.read()
        child.wait(20)
    return milliseconds


def bare_python() -> float:
    """Return milliseconds to start Python and import waitress: the floor for a server's start."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import waitress"], check=True)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    figures: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        running = {kind: start(kind, folder) for kind in KINDS}
        for child, client in running.values():
            cpu_per_request(child, client, 200)
        for _ in range(ROUNDS):
            for kind, (child, client) in running.items():
                figures[kind].append(cpu_per_request(child, client, count))
        for child, client in running.values():
            client.close()
            child.communicate(timeout=20)
    base = statistics.median(figures["bare"])
    print(f"CPU per request, median of {ROUNDS} rounds of {count}")
    for kind, title in KINDS.items():
        median = statistics.median(figures[kind])
        print(f"  {title:34}{median:7.0f} us   x{median / base:.2f}")
    print(f"metrics wrapper, one call alone     {wrapper_cost(20000):7.2f} us")
    listening = statistics.median(start_to_listening() for _ in range(5))
    floor = statistics.median(bare_python() for _ in range(5))
    print(
        f"start to listening                  {listening:7.0f} ms   x{listening / floor:.2f} of `import waitress`"
    )


if __name__ == "__main__":
    main()
