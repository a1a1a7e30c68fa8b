"""
The commands of the shell, one file each: a function `command`, and `EXAMPLES` of how it is called.

Comes in: words, from flags, environment and file. Goes out: results and commentary, on their own streams.
Promises: checks words before anything is read; every error is one sentence and an exit code.
Misleads: an option that is not made by `_options` has no environment variable and no group in --help.
Never imports: a heavy library before a command needs it, so that --help answers at once.
"""
