"""What people ask: scenario files, runs, comparisons, charts and the command line."""
