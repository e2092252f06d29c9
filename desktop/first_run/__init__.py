"""The first run: three steps over the whole window, each with a default, all to be skipped (ST-06)."""
