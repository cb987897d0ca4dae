"""The command `signs-edge`: arguments and printing, nothing else."""
