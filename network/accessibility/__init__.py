"""What the timetable offers people: scheduled times, coverage, equity, criticality, marginal gains."""
