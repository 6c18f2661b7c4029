"""What exists: published figures, tables, assumptions and the network they make.

This floor imports neither ``sim`` nor ``scenarios``; import what you need
from its modules, for example ``from network.inputs.assumptions import Assumptions``.
"""
