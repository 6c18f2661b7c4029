"""Other forms of a network: lossless JSON, GeoJSON, node-link JSON, GTFS."""
