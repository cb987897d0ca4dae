"""Hands as triangle meshes with 25 joints: posed, lit and drawn with their truth, by numpy and OpenCV alone."""
