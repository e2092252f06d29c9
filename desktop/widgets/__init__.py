"""Building blocks of the panels, drawn from the theme's tokens."""
