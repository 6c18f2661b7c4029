"""Mail routes between stops: legs, speeds, railways, closures, the weekly timetable."""
