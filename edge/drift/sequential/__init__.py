"""Statistics that are valid at all times."""
