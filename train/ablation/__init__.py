"""With and without skip connections."""
