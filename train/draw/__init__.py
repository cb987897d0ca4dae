"""Drawn pictures for training: hands and people from meshes, before rooms, with their truth."""
