"""What applications take from ``gluon.tools``: users and their rights, mail, services, wiki."""
