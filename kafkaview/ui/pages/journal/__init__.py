"""The Journal page: every write made from here, with its plan, records and outcome."""
