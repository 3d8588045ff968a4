"""The ports implemented with requests to real Kafka brokers."""

from kafkaview.cluster.kafka.client_packages import spare_clients

spare_clients()  # before anything of those packages is loaded
