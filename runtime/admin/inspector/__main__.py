"""``python -m runtime.admin.inspector``: the inspector's child process."""

import sys

from runtime.admin.inspector.child import main

sys.exit(main(sys.argv[1:]))
