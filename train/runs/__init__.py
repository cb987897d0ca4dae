"""Training configuration and the run folder."""
