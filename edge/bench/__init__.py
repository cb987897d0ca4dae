"""How fast model files run."""
