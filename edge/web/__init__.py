"""The page of a run, from the loop's side."""
