"""A stand-in for `hadron serve` that speaks its protocol and misbehaves as told.

Arguments: a file with the orders as JSON.  Orders: `script`, a list of steps:
["say", {event}], ["wait", seconds], ["log", "line"], ["flood", lines], ["raw", "text"], ["exit", code],
["serve"] (until standard input closes), ["deaf"] (ignores standard input and SIGTERM), ["note", "path"]
(writes what came on standard input).
"""

import json
import os
import signal
import sys
import time


def say(event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def main():
    orders = json.loads(open(sys.argv[1]).read())
    greeting = sys.stdin.readline()
    for verb, *rest in orders["script"]:
        if verb == "say":
            say(rest[0])
        elif verb == "wait":
            time.sleep(rest[0])
        elif verb == "log":
            print(rest[0], file=sys.stderr, flush=True)
        elif verb == "flood":
            line = "2026-11-21 11:22:40.118 server info flood " + "x" * 80
            for number in range(rest[0]):
                print(line, number, file=sys.stderr)
        elif verb == "raw":
            sys.stdout.write(rest[0])
            sys.stdout.flush()
        elif verb == "exit":
            sys.exit(rest[0])
        elif verb == "note":
            with open(rest[0], "w") as file:
                file.write(greeting)
        elif verb == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                time.sleep(0.2)
        elif verb == "serve":
            sys.stdin.read()
            say({"event": "draining", "in_flight": 1, "seconds": 1.0})
            if rest:
                time.sleep(rest[0])
            say({"event": "stopped"})


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        os._exit(1)
