"""Sample options file: copy it to the site folder, edit it, start with `hadron -L options.py`.

It is Python. What the command line sets wins over what stands here.
"""

import os
import socket

# Address to listen on, IPv4 or IPv6; ignored with --interfaces.
ip = '0.0.0.0'

# TCP port; 0 lets the system choose a free one.
port = 80

# Listen on several addresses: "ip1:port1;ip2:port2"; IPv6 in square brackets, no blanks.
interfaces = [('0.0.0.0', 80)]

# Administrator password; serve from the console without a window. "<ask>" prompts, "<recycle>" uses the stored one of this port, "<pam_user:NAME>" asks the operating system.
password = '<recycle>'

# Name of the server; default the host name.
server_name = socket.gethostname()

# At least this many worker threads.
minthreads = None

# At most this many worker threads; default 8.
maxthreads = None

# How many connections may wait while the server is busy (the listen backlog).
request_queue_size = 5

# Close a connection on which the client is silent, or takes no byte of the answer, for so long.
timeout = 30

# Wait at most this long for running requests when stopping.
shutdown_timeout = 5

# PEM certificate; together with -k.
ssl_certificate = None

# PEM private key; together with -c.
ssl_private_key = None

# Site folder: the one that holds `applications`; default in the user's data folder.
folder = os.getcwd()

# Write the process id to this file; relative to the site folder.
pid_filename = 'httpserver.pid'

# Access log, one line per request; relative to the site folder.
log_filename = 'httpserver.log'

# Write one profile per request into this folder.
profiler_filename = None

# No effect: cron is off unless asked for.
nocron = None

# Run what is due now, then exit: for the system's own cron.
extcron = None
