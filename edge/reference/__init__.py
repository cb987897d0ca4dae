"""What frames and answers should be like; the reference travels in the model file."""
