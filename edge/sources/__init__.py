"""What `--source` can name: live cameras, video files, pictures and drawn hands.

To add a kind of camera, see `signs_edge.edge.cameras.devices`; nothing changes here. To add another kind of source, touch
three files:

1. `sources/NAME.py`: a function that takes a `request.SourceRequest` and returns its frames, or None where the source is of
   another kind;
2. `sources/open.py`: one line in the table `KINDS`;
3. `tests/edge/sources/test_NAME.py`.

`synthetic.py` is the shortest example.
"""
