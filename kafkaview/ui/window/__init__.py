"""The window: it shows pages, passes samples to them, and runs actions."""
