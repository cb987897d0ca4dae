"""export.json and export.html."""
