"""The parts that every page is made of: they know Qt and nothing of what a cluster is."""
