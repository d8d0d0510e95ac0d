"""The configuration of the stack that Pulumi is running, as a document.

Pulumi hands every value over as text; lists and mappings are JSON. `pulumi.Config` is not used to read them, because
its errors print the value, which may be a secret.
"""

from settings.document import SECRET, Document
from settings.keys import HOME_KEY, KEYS, NAMESPACE, REGION_KEY, qualified, unqualified


def read_pulumi_config() -> tuple[Document, str]:
    """The stack's configuration in our namespace with `aws:region`, and the stack's name.

    Keys of our namespace that nobody knows are kept, so that they are refused and not ignored. A secret becomes
    `SECRET`: its text never gets into a message.
    """
    import pulumi
    from pulumi.runtime import config

    stack = pulumi.get_stack()
    source = f"configuration of stack {stack}"
    # The CLI hands all keys over before the program starts; PULUMI_CONFIG is how it does so.
    written = {**config.get_config_env(), **config.CONFIG.get()}
    own = [name for name in written if name.startswith(f"{NAMESPACE}:")]
    document = Document({}, source=source, labels={HOME_KEY: REGION_KEY})
    for name in dict.fromkeys([*map(qualified, (HOME_KEY, *KEYS)), *own]):
        key = unqualified(name) or name
        if config.is_config_secret(name) and key in (*KEYS, HOME_KEY):
            document.refuse_secret(key)
        elif config.is_config_secret(name):
            document[key] = SECRET
        elif (text := config.get_config(name)) is not None:
            document.put(key, text)
    document.refuse_list_of_sets()
    document.settle_secrets(can_hold=True)
    document.require_secrets(stack=stack)
    return document, stack
