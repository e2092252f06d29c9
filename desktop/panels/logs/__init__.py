"""The panel Logs."""
