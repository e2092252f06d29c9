"""``gluon.contrib``: documented additions."""
