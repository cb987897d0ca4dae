"""The loop: frame in, result out."""
