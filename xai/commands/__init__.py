"""The commands of the command line, one module each; a command is loaded when it is used."""
