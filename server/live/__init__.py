"""The running hall: rounds, sockets, presence, people, the clock."""
