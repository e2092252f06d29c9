"""The panels of the window; none of them knows another."""
