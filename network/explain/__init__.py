"""From any built value down to a figure, a source or an assumption."""

from network.explain.explainer import Chain, Explainer, explain, keys

__all__ = ["Chain", "Explainer", "explain", "keys"]
