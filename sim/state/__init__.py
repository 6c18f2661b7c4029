"""What a run holds and leaves: items under way, ledger, records, custody, work."""
