"""Who coordinates the cluster, and how well: its quorum, its migration from ZooKeeper, plans for its voters."""
