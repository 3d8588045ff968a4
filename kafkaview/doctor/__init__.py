"""The doctor: finds why a connection fails, layer by layer, without the client libraries, which hide the reason."""
