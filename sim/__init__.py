"""What happens: items of a network, moved over its timetable."""
