"""The Coordination page: who runs the cluster, and how well."""
