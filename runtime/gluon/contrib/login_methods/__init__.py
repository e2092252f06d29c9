"""``gluon.contrib.login_methods``: other ways to log in (LIB-34..50)."""
