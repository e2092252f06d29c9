"""Removes sessions of this application that nobody has used for an hour (ADMIN-07, CRON-19)."""

import os

from runtime.sessions.cleaner import expire_sessions

expire_sessions(os.path.join(request.folder, "sessions"), 3600, request.application)
