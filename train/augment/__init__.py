"""Hands before other backgrounds."""
