"""What can go wrong that a user can mend, as one small tree.

    SignsEdgeError          one clear line, exit code 1
    ├── DataError           photos, labels or a download are not what they should be
    ├── ModelError          a model file, run folder or export is missing or not usable
    ├── RuntimeMissingError no TFLite runtime, or an optional package is not installed
    ├── SourceError         a camera, file, folder or URL gives no frames
    └── UsageError          an option's value is not allowed

Every message is one line that says what was received, what is allowed and what to do. The command line turns these
into that line and exit code 1; anything else is a defect and keeps its traceback.
"""

from __future__ import annotations


class SignsEdgeError(Exception):
    """Base of all errors that a user can mend.

    >>> import signs_edge
    >>> try:
    ...     signs_edge.load("nowhere.tflite")
    ... except signs_edge.SignsEdgeError as error:
    ...     print(str(error).split(" (")[0])
    model nowhere.tflite cannot be read
    """


class DataError(SignsEdgeError):
    """Photos, labels or a download are not what they should be."""


class ModelError(SignsEdgeError):
    """A model file, run folder or export is missing or not usable."""


class RuntimeMissingError(SignsEdgeError):
    """No TFLite runtime, or an optional package, is installed."""


class SourceError(SignsEdgeError):
    """A camera, file, folder or URL gives no frames."""


class UsageError(SignsEdgeError):
    """An option's value is not allowed."""
