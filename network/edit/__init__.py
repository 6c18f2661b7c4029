"""Pure change operations: a network in, a changed network out."""
