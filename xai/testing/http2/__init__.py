"""The connections of the local server, on grpclib and h2."""
