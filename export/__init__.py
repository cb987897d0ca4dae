"""A trained Keras model in, verified TFLite files out."""
