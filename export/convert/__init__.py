"""Keras to TensorFlow Lite."""
