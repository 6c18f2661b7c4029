"""The operator: which hours, stops and rounds a network is run with (rule 7)."""
