"""The command line: every verb works on the same session as the window, for scripts, run books and tests."""
