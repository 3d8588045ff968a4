"""Watching a cluster: samples, their history, and the verdicts that follow from them."""
