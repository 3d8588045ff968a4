"""The SASL mechanisms, one file each: fields, JAAS entry, settings of both client libraries.

What needs a client library or a socket is looked up by a mechanism's name in cluster/kafka/client_settings.py and
doctor/login.py.
"""
