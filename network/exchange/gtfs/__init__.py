"""Mail routes as GTFS: weekly trips, services, shapes with one-way km; and back."""

from network.exchange.gtfs.form import held, not_held
from network.exchange.gtfs.read import Feed, Stop, parse
from network.exchange.gtfs.write import to_gtfs

__all__ = ["Feed", "Stop", "held", "not_held", "parse", "to_gtfs"]
