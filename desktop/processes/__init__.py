"""The server's process as the desktop sees it: state, machine, hosts, supervisor.  No widgets."""
