"""Drift statistics: is int8 still as good, are the frames still alike? No clock, no model."""
