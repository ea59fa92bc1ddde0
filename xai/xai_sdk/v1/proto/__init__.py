"""Messages, enums and modules of ``xai_sdk.proto``, in protobuf's manner over this library's codec.

``modules`` has the modules that programs import, ``messages`` the classes of messages and what
takes them apart. None of it is loaded before a program asks for it.
"""
