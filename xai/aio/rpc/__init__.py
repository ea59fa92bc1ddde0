"""How one call is made, for every service."""
