"""Count the fingers of a hand: the public names of signs-edge, loaded when they are first used."""
