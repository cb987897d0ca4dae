"""The commands below `signs-edge drift`."""
