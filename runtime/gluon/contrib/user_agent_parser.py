"""``gluon.contrib.user_agent_parser``: what a browser says of itself (LIB-24)."""

from runtime.tools.contrib.agents import detect, mobilize, simple_detect

__all__ = ["detect", "mobilize", "simple_detect"]
