"""The sealed .tflite file."""
