"""Photos in, a trained Keras model out."""
