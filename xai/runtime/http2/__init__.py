"""HTTP/2 connections, on the classes of grpclib, with a frame layer of our own.

A call is written and read here as bytes, without the objects that the libraries below make of
each frame, flag, event and header. What this package stands in for:

* grpclib's ``Channel`` (dialing, closing, making calls), ``Connection``, ``H2Protocol`` and
  ``EventsProcessor``. They keep a task, three events and a queue for each call, and report a
  failure by cancelling the task, which breaks the caller's own timeouts.
* h2's ``H2Connection.receive_data``, ``send_headers``, ``send_data`` and ``H2Stream``. They make a
  fault of one stream a fault of the connection where RFC 9113 does not (malformed responses,
  headers that are too large, frames for streams that have ended), walk over all streams or all
  settings for a single frame, and have no budget for frames that get nothing done. h2 still
  writes the preface and counts the windows of responses.
* hpack's ``Encoder`` and ``Decoder``. The first tells a server each size that its table ever had;
  the second loses the table when a header list is too large. hpack's table and Huffman code are
  used.

The gain, in CPU time of the frame layer alone (CPython 3.13, one core): a call with one response
takes 10 µs instead of 137 µs, a chunk of a stream 1.1 µs instead of 10 µs, a PING of a flood 1 µs
instead of 10 µs. The rows ``unary-cpu``, ``stream-cpu`` and ``flood`` of ``nox -s bench`` rest on
it.

What holds it: ``internals.py`` is the one module that reaches into another package.
``tests/unit/runtime/http2/test_seams.py`` has a hash of each function that is replaced or relied
on; ``test_frames.py`` and ``test_headers.py`` compare with h2 and hpack, over random input.

When a hash no longer fits, a new version has changed what was read. Read the change, above all for
a fault that it mends and that may be here as well; mend ours, with a test over a socket; let the
comparing tests run against both versions; then record the new hash, and widen the bounds in
pyproject.toml.
"""
