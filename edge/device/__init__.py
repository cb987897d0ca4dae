"""The machine below: the board and its temperature."""
