"""A .tflite file read back."""
