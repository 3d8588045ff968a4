"""The SASL mechanisms, one file each: name, fields, JAAS entry, client settings, messages of a login."""
