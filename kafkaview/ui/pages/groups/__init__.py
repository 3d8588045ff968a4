"""The Groups page: every consumer group, its committed offsets and its lag."""
