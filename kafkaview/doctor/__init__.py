"""Why a connection fails, layer by layer, without the client libraries, which hide it."""
