"""config is told: settings, credentials, and the starter files that an operator edits."""
