"""Hadron's desktop: the window and tray icon around the runtime. Runs no application code."""
