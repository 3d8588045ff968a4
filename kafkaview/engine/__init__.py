"""A session in a process of its own, and the private pipe over which a window speaks to it."""
