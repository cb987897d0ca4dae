"""What --source names."""
