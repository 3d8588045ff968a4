"""Access to Kafka: the ports, their errors, and the implementations for real brokers and ZooKeeper."""
