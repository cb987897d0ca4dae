"""Live frames: the capture process, the watchdog, reconnection."""
