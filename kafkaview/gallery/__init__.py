"""Pictures of every page and state, and the invented clusters that some of them show."""
