"""Who runs the cluster, and how well: its quorum over time, its move from ZooKeeper, and plans for its voters."""
