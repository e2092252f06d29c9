"""Overview: the state of the server and what can be done about it (SV)."""
