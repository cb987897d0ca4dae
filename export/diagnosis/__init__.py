"""Where int8 loses accuracy, and a repair."""
