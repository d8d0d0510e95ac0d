"""Where the page is that says what to do about a mail."""


def runbook(base: str, name: str, *, page: str) -> str:
    """The address of a runbook; "" where there is none.

    `base` is the deployment's (`alerts.runbooks`): in it `{page}` stands for the path of this project's own `page`
    below `docs/` ("" if it has none), and `{set}` for the `name` of the event set or of the guardian's page, which else
    follows at its end.
    """
    if "{page}" in base:
        return base.replace("{page}", page) if page else ""
    if "{set}" in base:
        return base.replace("{set}", name)
    return f"{base.rstrip('/')}/{name}"
