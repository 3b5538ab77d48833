"""The kiosk: takes numbers, prints them, takes ratings. `python -m kiosk` starts it; see `kiosk/README.md`."""
