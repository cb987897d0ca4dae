"""Frames in, counts and drift out. Runs on the device: numpy, OpenCV and a TFLite runtime, never TensorFlow."""
