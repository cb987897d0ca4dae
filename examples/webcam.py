"""Count the fingers before the webcam: python examples/webcam.py [SOURCE] (a camera number, a file or an address)."""

import sys

import signs_edge

counter = signs_edge.load()
for result in counter.stream(sys.argv[1] if len(sys.argv) > 1 else "0"):
    print("no hand" if result.count is None else result.count)
