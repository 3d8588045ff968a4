"""The ports over a cluster: the protocols that everything above calls, and their values. Imports no client library."""
