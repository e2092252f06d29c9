"""Settings: one page of options that take effect at once (ST)."""
