"""``gluon.storage``: `Storage` and its relatives."""

from runtime.foundation.storage import List, Messages, Settings, Storage, StorageList

__all__ = ["List", "Messages", "Settings", "Storage", "StorageList"]
