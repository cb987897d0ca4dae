"""Labelled pictures."""
