"""Writes on a topic: it is created, deleted, emptied, given more partitions or other settings."""
