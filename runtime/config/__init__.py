"""Effective options of a server, and the one table of all options."""

from runtime.config.documentation import options_as_markdown
from runtime.config.interfaces import Address, ConfigError, check_ip, check_port, parse_interfaces
from runtime.config.options import BY_NAME, OPTIONS, SECTIONS, Option
from runtime.config.options_file import load_options_file, sample_options_file
from runtime.config.server_config import (
    ServerConfig,
    build_config,
    default_site_folder,
    site_folder,
    user_runtime_folder,
)

__all__ = [
    "Address", "BY_NAME", "ConfigError", "OPTIONS", "Option", "SECTIONS", "ServerConfig", "build_config",
    "check_ip", "check_port", "default_site_folder", "load_options_file", "options_as_markdown",
    "parse_interfaces", "sample_options_file", "site_folder", "user_runtime_folder",
]  # fmt: skip
