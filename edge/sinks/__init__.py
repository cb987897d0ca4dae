"""What becomes of a result: JSONL, kept pictures, a command."""
