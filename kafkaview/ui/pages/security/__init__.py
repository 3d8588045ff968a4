"""The Security page: may somebody do something, who may do what, users, quotas, tokens and certificates."""
