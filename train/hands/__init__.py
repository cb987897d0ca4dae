"""Hands cut out of photos."""
