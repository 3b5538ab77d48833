"""What may be done: each command becomes events, or is refused. One file a subject, one table in `decide`."""
