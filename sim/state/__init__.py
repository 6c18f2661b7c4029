"""What a run holds and leaves: items in transit, ledger, records, custody, work."""
