"""Every generated service, for calls with raw messages."""
