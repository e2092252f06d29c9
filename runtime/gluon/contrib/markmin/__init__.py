"""``gluon.contrib.markmin``: the framework's own markup."""
