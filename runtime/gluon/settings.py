"""``gluon.settings``: what the runtime knows of itself."""

from runtime.foundation.storage import Storage

global_settings = Storage(is_pypy=False, is_jython=False, cronjob=False)

__all__ = ["global_settings"]
