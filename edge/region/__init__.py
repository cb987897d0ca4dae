"""Where in the frame the model looks."""
