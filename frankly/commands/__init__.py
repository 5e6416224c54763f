"""The commands, by what they are for. Each imports what is heavy only when it runs, so that --help is quick."""
