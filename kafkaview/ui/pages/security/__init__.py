"""The Security page: a question about a right, who may do what, users, quotas, tokens and certificates."""
