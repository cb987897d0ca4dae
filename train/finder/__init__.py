"""The network that finds hands."""
