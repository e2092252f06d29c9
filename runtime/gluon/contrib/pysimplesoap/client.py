"""``gluon.contrib.pysimplesoap.client``: a SOAP client (LIB-5)."""

from runtime.tools.contrib.clients import SoapClient, SoapFault

__all__ = ["SoapClient", "SoapFault"]
