"""The frame of the window: side bar, header, status bar, tray, notices, actions."""
