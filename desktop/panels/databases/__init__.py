"""The panel Databases: tables of the applications, their rows, structure, queries (UI-DB)."""
