"""Serving a site: web server, metrics, access log, control channel, the process `hadron serve`."""
