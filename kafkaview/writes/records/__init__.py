"""Writes of records: one that is made or sent again, and the import of a file of them."""
