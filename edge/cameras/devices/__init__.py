"""The kinds of cameras, one module each; their devices are read in the capture process.

To add a kind of camera, touch three files:

1. `devices/NAME.py`: a class with `read` and `close` as `device.Device` says, and a `KIND = Kind(...)` for the table;
2. `devices/open_device.py`: one line in the table `KINDS`; from then on `--source NAME:ADDRESS` works;
3. `tests/edge/cameras/devices/test_NAME.py`.

`picamera.py` is an example for a library with an interface of its own, `v4l2.py` one for what OpenCV opens.
"""
