"""What a run of the window leaves for the next one, and the report when it did not end well (SH-16)."""
