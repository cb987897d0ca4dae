"""Frames of real rooms with boxes around hands: read, mixed from several sources, and made into training samples."""
