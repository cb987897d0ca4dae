"""One run put together: settings, preflight, models, outputs; and Counter."""
