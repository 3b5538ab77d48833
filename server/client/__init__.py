"""The reconnecting client that kiosk, display and tools share."""
