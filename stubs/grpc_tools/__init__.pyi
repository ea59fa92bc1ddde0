# grpcio-tools ships no types at all, and nobody else does.
