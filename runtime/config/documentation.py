"""The table of options as documentation."""

from __future__ import annotations

from runtime.config.options import OPTIONS, SECTIONS, Option


def options_as_markdown() -> str:
    """Return one table per section: flags, name in the options file, default, meaning."""
    lines: list[str] = []
    for key, title in SECTIONS.items():
        lines += [f"## {title}", "", "| Option | Options file | Default | Meaning |", "|---|---|---|---|"]
        lines += [_row(option) for option in OPTIONS if option.section == key]
        lines.append("")
    return "\n".join(lines)


def _row(option: Option) -> str:
    flags = ", ".join(f"`{flag}`" for flag in option.flags)
    value = f" `{option.metavar}`" if option.metavar else ""
    name = f"`{option.file_name}`" if option.file_name else ""
    default = "" if option.default in (None, False) else f"`{option.default}`"
    text = option.help + (f" *{option.refusal[:1].upper()}{option.refusal[1:]}.*" if option.refusal else "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in (flags + value, name, default, text)) + " |"
