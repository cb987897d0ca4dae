"""One file for each kind of camera; read in the capture process."""
