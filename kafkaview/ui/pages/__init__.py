"""The pages. None of them knows another."""
