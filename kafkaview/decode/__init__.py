"""Bytes to meaning: what a decoder made of a record's bytes, or why it could not."""
