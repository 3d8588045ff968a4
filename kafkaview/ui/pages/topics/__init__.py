"""The Topics page: every topic with its partitions, settings and readers."""
