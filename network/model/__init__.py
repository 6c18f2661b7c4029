"""The network and its typed records: what all later rooms read."""
