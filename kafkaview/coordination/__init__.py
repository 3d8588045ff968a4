"""Who coordinates the cluster, and how well: its quorum over time, its migration from ZooKeeper, plans for voters."""
