"""SIGNS from the network."""
