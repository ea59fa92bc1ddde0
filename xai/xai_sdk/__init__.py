"""Programs written for ``xai_sdk`` on this package.

`xai.install_as_xai_sdk` and ``python -m xai run`` give programs of xai-sdk 1.x what they import.
Arguments, results, errors and spans are those of that package, except where its way loses money or
data, and no program can rely on that:

=============================================  ====================================================
xai-sdk 1.x                                    here
=============================================  ====================================================
A chunk without usage, ID, role or finish      The response keeps what came before.
reason erases that of the response.
Streams drop logprobs and debug output.        They are in the response.
The second of several streamed choices is      Each is as far as the stream.
stale until the first is read.
Tool calls that are not JSON, and numbers      They are shown as they came; spans never raise.
without a name, raise after the response
was paid for.
``parse`` loses a response of another shape.   It is on the error.
``append`` of one of several choices adds the  It adds those of that choice.
tool calls of all.
``defer``, batches and stored responses show   The last step, as ``sample`` does.
the first step of a response with tools.
``sample_batch`` of images loses all when      Those that came.
fewer came than were asked for.
Names of sort orders and metrics that do not   ``ValueError``.
exist become another one.
``agent_count`` refuses the numbers it has.    They are taken.
The name given for the file of a path is       It is the name.
ignored; errors of reading it become UNKNOWN.
``upload_document`` without a management key   Nothing is sent.
leaves a file behind.
Uploads have no deadline, and without TLS no   They have both.
key.
Creations are repeated after a lost            Only what the server did not begin is repeated.
connection; large requests are never.
Timeouts of polls do not tell the request.     ``error.request_id``.
A stream is the current span of its reader.    Its span is current for nobody.
Spans have whole images.                       They have none.
Stubs on a channel of a client give calls      They give replies, and iterators of them.
that can be cancelled and asked for metadata.
``use_insecure_channel`` sends the key in      Only to this machine, or with the environment
plain text to any host.                        variable XAI_SDK_ALLOW_INSECURE_CHANNEL=1.
=============================================  ====================================================

Type checkers do not run import hooks: ``xai_sdk`` is unknown to them where the real package is not
installed. That package ships no marker for types, so programs are checked against ``Any`` with it
as well; stubs of ours would check more than theirs did. Processes that ``multiprocessing`` spawns
import ``xai_sdk`` anew: a program that spawns calls `xai.install_as_xai_sdk` at its own start.
"""
