"""The systemd unit."""
