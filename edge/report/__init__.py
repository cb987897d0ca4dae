"""The HTML page over journals."""
