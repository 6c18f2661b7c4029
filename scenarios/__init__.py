"""What people ask: scenario files, runs, comparisons, charts and the command line."""

import network  # noqa: F401  # before numpy: it says how numpy shall sum
