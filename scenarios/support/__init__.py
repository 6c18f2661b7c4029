"""What every long task needs: executors, progress, tables, TOML."""
