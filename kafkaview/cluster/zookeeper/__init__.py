"""ZooKeeper, for clusters that it coordinates or did."""
