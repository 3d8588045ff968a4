"""An embedded real Kafka and a pipeline on it that goes wrong on purpose."""
