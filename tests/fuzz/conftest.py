"""Tests of readers by wrong inputs find `fuzz` and `mutate`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
