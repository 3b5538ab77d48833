"""Questions to the record: figures of a period, the log, one ticket's story, and their CSV. Read only."""
