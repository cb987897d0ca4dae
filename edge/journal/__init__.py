"""What a device remembers, in SQLite."""
