"""The editor of the panel Applications: text, colours, tabs, drafts, conflicts (AP-11..15)."""
