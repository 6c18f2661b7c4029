"""The earliest way by the timetable alone, from stop to stop and from door to door."""
