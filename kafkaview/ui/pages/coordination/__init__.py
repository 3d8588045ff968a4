"""The Coordination page: who coordinates the cluster, and how well."""
