"""A run or network beside standards, observed facts and coverage aims."""
