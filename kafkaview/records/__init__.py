"""Reading records: where to read, how far, backwards from the newest, by a filter, and as they come in."""
