"""Virtual citizens and clerks: days of a hall that nobody has to wait for."""
