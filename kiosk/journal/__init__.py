"""The kiosk's own small record: its SQLite file, the numbers in it, and the last numbers of the hall."""
