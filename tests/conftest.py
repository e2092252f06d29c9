"""What all tests share: what they show counts, not the clock of a busy machine."""

import os
import time

from hypothesis import HealthCheck, settings

from runtime.errors import bounded

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# tickets show all values, also where their thread has to wait for the processor
bounded.ONE_SECONDS, bounded.ALL_SECONDS = 3.0, 20.0

# no hour comes twice: "two minutes ago" is one moment, also in the night in which summer ends
os.environ.setdefault("TZ", "UTC")
if hasattr(time, "tzset"):
    time.tzset()
