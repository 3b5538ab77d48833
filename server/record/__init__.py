"""The SQLite file: writing, tables, proof, copies, the mark beside it, and who owns its folder."""
