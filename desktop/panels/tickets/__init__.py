"""The panel Tickets: errors of the applications, grouped, down to the line (UI-TK)."""
