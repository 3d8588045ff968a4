"""The same session without a window: every verb of the command line, for scripts, run books and tests."""
