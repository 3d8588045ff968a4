"""The engine: a session in a process of its own, and the private pipe between it and a window."""
