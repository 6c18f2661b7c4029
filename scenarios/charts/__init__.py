"""Draw data: one chart a function, from frames and arrays to matplotlib axes.

Every function takes its data and ``ax=None``, makes a figure where none is given, and returns the axes;
`scenarios.charts.style.save` writes PNG and SVG.  Nothing is shown on a screen, and no internet is needed.
"""
