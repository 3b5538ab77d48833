"""The pure core: no clock, no I/O, no randomness. Time is an argument, in milliseconds of UTC."""
