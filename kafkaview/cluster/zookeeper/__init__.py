"""ZooKeeper, for clusters that it coordinates, or did before a migration to KRaft."""
