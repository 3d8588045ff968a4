"""The page Settings: every wish of the user about the window, applied at once."""
