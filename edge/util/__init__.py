"""Small helpers that know nothing of hands or frames."""
