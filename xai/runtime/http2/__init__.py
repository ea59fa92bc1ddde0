"""HTTP/2 connections: the frames of calls, on grpclib and h2."""
