"""
Points an old botocore (before 1.31, boto3 before 1.28) home: it does not know AWS_ENDPOINT_URL, so its clients get the
endpoint by default as soon as the function's code loads it. A function that gives an endpoint itself keeps its own.
"""

import sys

MODULE = "botocore.session"
FIRST_AWARE_VERSION = (1, 31)


def knows_endpoint_variable(version):
    return tuple(int(part) for part in version.split(".")[:2]) >= FIRST_AWARE_VERSION


def configure(session_module, endpoint):
    import botocore

    if knows_endpoint_variable(botocore.__version__):
        return
    create_client = session_module.Session.create_client

    def create_client_at_home(self, *arguments, **options):
        # endpoint_url is the sixth of botocore's parameters: service_name, region_name, api_version, use_ssl, verify.
        if len(arguments) < 6 and options.get("endpoint_url") is None:
            options["endpoint_url"] = endpoint
        return create_client(self, *arguments, **options)

    session_module.Session.create_client = create_client_at_home


class Finder(object):
    """Stands aside once the module is found, so that the other finders load it."""

    def __init__(self, endpoint):
        self._endpoint = endpoint

    def find_spec(self, name, path=None, target=None):
        if name != MODULE:
            return None
        import importlib.util

        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            execute, endpoint = spec.loader.exec_module, self._endpoint

            def execute_and_configure(module):
                execute(module)
                configure(module, endpoint)

            spec.loader.exec_module = execute_and_configure
        return spec

    def find_module(self, name, path=None):
        """Python 2."""
        return self if name == MODULE and sys.version_info[0] == 2 else None

    def load_module(self, name):
        import importlib

        sys.meta_path.remove(self)
        module = importlib.import_module(name)
        configure(module, self._endpoint)
        return module


def watch(endpoint):
    if endpoint:
        sys.meta_path.insert(0, Finder(endpoint))
