"""Entry point of the bundle: the same as the command `hadron`."""

import sys

from desktop.launch import main

if __name__ == "__main__":
    sys.exit(main())
