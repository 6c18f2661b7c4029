"""The obvious model: one SimPy process for every item, as plain as the rules read.

It shares with the kernel the network's tables, the items and the keyed
draws, and nothing else: it expands the services, finds the earliest arrivals,
keeps its queues, vehicles and drivers itself.  It is slow on purpose and fast
by no trick, but no straw man either: nothing is searched twice, and an item
costs about a dozen events.
"""

from obvious.model import Item, Obvious

__all__ = ["Item", "Obvious"]
