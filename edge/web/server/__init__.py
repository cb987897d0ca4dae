"""The process that serves the page: no numpy, no OpenCV."""
