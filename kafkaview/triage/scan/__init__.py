"""Reading topics through for records that do not pass a rule."""
