"""The panel Cache: stores, keys and values of the applications, and their sessions (UI-CA)."""
