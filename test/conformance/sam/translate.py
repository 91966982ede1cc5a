"""Expands SAM templates with AWS's own translator: a list of documents in, a list of templates or of faults out."""
import contextlib
import io
import json
import logging
import sys

from samtranslator.internal.managed_policies import get_bundled_managed_policy_map
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform


class Policies:
    def load(self):
        return get_bundled_managed_policy_map("aws")


def expanded(document):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return {"template": transform(document, {}, Policies())}
    except InvalidDocumentException as fault:
        return {"message": fault.message, "faults": [cause.message for cause in fault.causes]}


logging.disable(logging.CRITICAL)
print(json.dumps([expanded(document) for document in json.load(sys.stdin)]))
