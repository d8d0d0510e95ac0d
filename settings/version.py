"""The one place where the version stands: tags, mails, `--version` and the package read it here."""

VERSION = "0.1.0"
