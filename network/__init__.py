"""What exists: published figures, tables, assumptions and the network they make.

This floor imports neither ``sim`` nor ``scenarios``; import what you need
from its modules, for example ``from network.inputs.assumptions import Assumptions``.
"""

import os

# Sums in several threads are rounded by how many there are: then bytes would differ between machines, and
# between a process of one's own and a worker of a cluster, which has one thread.  Read when numpy is loaded.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
