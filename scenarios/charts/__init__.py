"""Draw data: one chart a function, from frames and arrays to matplotlib axes.

Every function takes its data and ``ax=None``, makes a figure where none is given, and returns the axes;
`scenarios.charts.style.save` writes PNG and SVG.  Nothing is shown on a screen, and no internet is needed.
"""

from __future__ import annotations

import os


def _import_matplotlib() -> None:
    """Import matplotlib whatever MPLBACKEND names: charts need no backend, and an unknown one is an error."""
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib as mpl

        if backend:
            mpl.rcParams["backend"] = backend  # a notebook's, for the figures of its user
    except ValueError:
        pass
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend


_import_matplotlib()
