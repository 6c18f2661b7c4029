"""What happens: items of a network, moved over its timetable."""

import network  # noqa: F401  # before numpy: it says how numpy shall sum
