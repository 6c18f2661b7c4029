"""One region folder, read and checked: figures, assumptions, tables, calendar, standards, observed facts."""
