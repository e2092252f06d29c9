"""``gluon.contrib.pysimplesoap``: a SOAP client; servers are no longer offered (LIB-5)."""
