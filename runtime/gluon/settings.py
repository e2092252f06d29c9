"""``gluon.settings``: what the runtime knows of itself."""

from runtime.web.site_settings import global_settings

__all__ = ["global_settings"]
