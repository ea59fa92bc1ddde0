"""The services of the v1 API, asynchronous."""
