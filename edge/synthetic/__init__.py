"""Drawn hands."""
