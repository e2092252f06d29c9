"""``python -m runtime.scheduler``: the scheduler's roles, and its use without applications (SCHED-18)."""

import sys

from runtime.scheduler.command_line import main

sys.exit(main(sys.argv[1:]))
