"""Where option values come from."""
