"""Collections and their documents."""
