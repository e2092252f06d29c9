"""``gluon.custom_import``: following changes of application modules."""

from runtime.web.importer import is_tracking_changes, track_changes

__all__ = ["is_tracking_changes", "track_changes"]
