"""TensorFlow's C++ notes kept off the screen."""

from __future__ import annotations

import os

from signs_edge.edge.util.quiet import quiet


def import_keras() -> None:
    """Import Keras and its backend without their greetings; ImportError where they are not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet():
        import keras  # noqa: F401
