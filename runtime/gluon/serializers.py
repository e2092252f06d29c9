"""``gluon.serializers``: JSON, XML, CSV, RSS and iCalendar texts."""

from runtime.foundation.serializers import csv, custom_json, ics, json, loads_json, rss, xml

__all__ = ["csv", "custom_json", "ics", "json", "loads_json", "rss", "xml"]
