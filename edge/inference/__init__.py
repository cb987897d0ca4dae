"""A picture in, probabilities out."""
