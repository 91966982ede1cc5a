"""
Runs one function of a Python runtime: started ahead of need, told by an `init` frame which function it is, then given
one invocation after another, by frames over the Unix socket that it inherited as descriptor 3 (see ../README.md).
Written for Python 2.7 and every Python 3.
"""

from __future__ import unicode_literals

import decimal
import importlib
import io
import json
import logging
import os
import re
import struct
import sys
import time
import traceback

RUNTIME_DIRECTORY = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != RUNTIME_DIRECTORY]

CHANNEL = 3
VIRTUAL_TIME = "carillon_time" if sys.version_info[0] > 2 else "carillon_time27"
PREFIX = struct.Struct(">II")
LONGEST_MESSAGE = 256 * 1024
# Pieces of output that are kept from one invocation to the next.
MOST_LATE = 1000
NO_BREAK_SPACE = "\u00a0"
UNHANDLED = (
    "LAMBDA_WARNING: Unhandled exception. The most likely cause is an issue in the function code. However, in rare "
    "cases, a Lambda runtime update can cause unexpected function behavior. For functions using managed runtimes, "
    "runtime updates can be triggered by a function change, or can be applied automatically. To determine if the "
    "runtime has been updated, check the runtime version in the INIT_START log entry. If this error correlates with "
    "a change in the runtime version, you may be able to mitigate this error by temporarily rolling back to the "
    "previous runtime version. For more information, see "
    "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html\r"
)

write, read, exit_now, process_id = os.write, os.read, os._exit, os.getpid
machine_time = time.time


class Channel(object):
    """The frames to and from the engine. The process ends when the engine does."""

    def __init__(self):
        self.owner = process_id()
        self.descriptor = CHANNEL

    def send(self, header, body=b""):
        if process_id() != self.owner:
            exit_now(0)
        head = json.dumps(header).encode("utf-8")
        frame = memoryview(PREFIX.pack(len(head), len(body)) + head + body)
        try:
            while len(frame):
                frame = frame[write(CHANNEL, frame) :]
        except OSError:
            exit_now(1)

    def receive(self):
        head_length, body_length = PREFIX.unpack(self._exactly(PREFIX.size))
        head = json.loads(self._exactly(head_length).decode("utf-8"))
        return head, self._exactly(body_length)

    def _exactly(self, length):
        chunks = []
        while length:
            try:
                chunk = read(CHANNEL, min(length, 1 << 20))
            except OSError:
                chunk = b""
            if not chunk:
                exit_now(0)
            chunks.append(chunk)
            length -= len(chunk)
        return b"".join(chunks)


class Output(io.RawIOBase):
    """What the function prints: sent by the channel, so that it keeps its place among the logged lines."""

    def __init__(self, runtime, name, descriptor):
        super(Output, self).__init__()
        self._runtime, self._name, self._descriptor = runtime, name, descriptor

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def write(self, data):
        data = bytes(data)
        self._runtime.write({"type": "output", "stream": self._name}, data)
        return len(data)


class Text(io.TextIOWrapper):
    """Python 2's print writes byte strings: they pass as they are."""

    def write(self, text):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        return super(Text, self).write(text)


def text_output(runtime, name, descriptor):
    output = Output(runtime, name, descriptor)
    settings = {"encoding": "utf-8", "errors": "backslashreplace", "newline": "\n"}
    if sys.version_info[0] > 2:
        return io.TextIOWrapper(output, write_through=True, **settings)
    settings["errors"] = "replace"
    return Unbuffered(Text(output, line_buffering=True, **settings))


class Unbuffered(object):
    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def write(self, text):
        self._stream.write(text)
        self._stream.flush()


class Fault(Exception):
    """An error of the runtime itself, such as Runtime.HandlerNotFound."""

    def __init__(self, kind, message, trace=None):
        super(Fault, self).__init__(message)
        self.kind, self.message, self.trace = kind, message, trace


def as_text(value):
    try:
        return "{}".format(value)
    except UnicodeDecodeError:
        return str(value).decode("utf-8", "replace")


def own_frames_removed(trace):
    frames = [tuple(frame) for frame in traceback.extract_tb(trace)]
    while frames and frames[0][0].startswith(RUNTIME_DIRECTORY):
        frames = frames[1:]
    return frames


def describe(error, request_id=""):
    """The error payload: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html."""
    if isinstance(error, Fault):
        message, kind, stack = error.message, error.kind, error.trace or []
    else:
        frames = own_frames_removed(sys.exc_info()[2])
        message, kind, stack = as_text(error), type(error).__name__, traceback.format_list(frames)
    return [("errorMessage", message), ("errorType", kind), ("requestId", request_id), ("stackTrace", stack)]


class Encoder(object):
    """Results as JSON: as json.dumps, but a Decimal is the number that it is."""

    def __init__(self, ensure_ascii):
        self._ensure_ascii = ensure_ascii

    def encode(self, value):
        numbers = []
        token = "decimal-" + re.sub("[^0-9]", "", repr(machine_time())) + "-"

        def default(item):
            if not isinstance(item, decimal.Decimal):
                return json.JSONEncoder().default(item)
            if item.is_nan():
                return float("nan")
            numbers.append(str(item))
            return token + str(len(numbers) - 1)

        text = json.dumps(value, default=default, ensure_ascii=self._ensure_ascii)
        if not numbers:
            return text
        return re.sub('"' + token + '([0-9]+)"', lambda match: numbers[int(match.group(1))], text)


class Context(object):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    def __init__(self, frame, now):
        environment = os.environ
        self.aws_request_id = frame["requestId"]
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = frame.get("invokedFunctionArn")
        self.client_context = make_client_context(parse_header(frame.get("clientContext"), "Client Context"))
        self.identity = make_identity(parse_header(frame.get("identity"), "Cognito Identity"))
        self.tenant_id = None
        self._deadline, self._now = frame["deadline"], now

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - self._now()))

    def log(self, message):
        sys.stdout.write(as_text(message))

    def __repr__(self):
        shown = [(name, value) for name, value in sorted(vars(self).items()) if not name.startswith("_")]
        return "LambdaContext([" + ",".join("{}={}".format(*pair) for pair in shown) + "])"


Context.__name__ = str("LambdaContext")


class Record(object):
    def __init__(self, names, values):
        for name in names:
            setattr(self, name, values.get(name))


def make_client_context(values):
    if values is None:
        return None
    context = Record(("custom", "env", "client"), values)
    if context.client is not None:
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        context.client = Record(names, context.client)
    return context


def make_identity(values):
    values = values or {}
    identity = Record((), {})
    identity.cognito_identity_id = values.get("cognitoIdentityId")
    identity.cognito_identity_pool_id = values.get("cognitoIdentityPoolId")
    return identity


def parse_header(text, name):
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", "Unable to parse {} JSON: {}".format(name, error))


RESERVED_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "aws_request_id"}


class JsonFormatter(logging.Formatter):
    """https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html#python-logging-advanced"""

    def format(self, record):
        failure = record.exc_info if record.exc_info and record.exc_info[0] else None
        whole = isinstance(record.msg, dict) and not record.args
        event = [
            ("timestamp", self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")),
            ("level", record.levelname),
            ("message", record.msg if whole else record.getMessage()),
            ("logger", record.name),
            ("stackTrace", traceback.format_tb(failure[2]) if failure else None),
            ("errorType", failure[0].__name__ if failure else None),
            ("errorMessage", as_text(failure[1]) if failure else None),
            ("requestId", record.aws_request_id),
            ("location", "{0.pathname}:{0.funcName}:{0.lineno}".format(record) if failure else None),
        ]
        event += [(name, value) for name, value in vars(record).items() if name not in RESERVED_FIELDS]
        return to_json([(name, value) for name, value in event if value is not None]) + "\n"


def to_json(pairs):
    """An object in the order of its pairs; what JSON cannot hold becomes text."""
    encode = lambda value: json.dumps(value, ensure_ascii=False, default=as_text)
    return "{" + ", ".join("{}: {}".format(encode(name), encode(value)) for name, value in pairs) + "}"


class Runtime(object):
    def __init__(self):
        self.channel = Channel()
        self.request_id = ""
        self.clock_offset = 0.0
        self.world = beside(VIRTUAL_TIME).World(self.channel) if "virtual" in sys.argv else None
        self.in_use = True
        self.late = []
        self.json_logs = False
        self.encoder = Encoder(True)

    def now(self):
        return self.world.now_ms() if self.world else machine_time() * 1000 + self.clock_offset

    def log(self, text, level):
        body = text.encode("utf-8", "replace")[:LONGEST_MESSAGE]
        self.write({"type": "log", "level": level}, body)

    def write(self, header, body):
        """
        In virtual time, what threads write between invocations waits for the next one: else it would be the machine's
        chance whether it comes before the process is frozen.
        """
        if self.in_use or not self.world:
            self.channel.send(header, body)
        elif len(self.late) < MOST_LATE:
            self.late.append((header, body))

    def log_error(self, pairs):
        fields = dict(pairs)
        if self.json_logs:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now() / 1000))
            return self.log(to_json([("timestamp", stamp), ("level", "ERROR")] + pairs), "ERROR")
        message = fields["errorMessage"]
        lines = ["[ERROR] " + fields["errorType"] + (": " + message if message else "")]
        lines.append("Traceback (most recent call last):")
        for line in "".join(fields["stackTrace"]).splitlines():
            indent = len(line) - len(line.lstrip(" "))
            lines.append(NO_BREAK_SPACE * indent + line[indent:])
        return self.log("\n".join(lines), "ERROR")

    def start(self, frame):
        if self.world:
            self.world.install(frame["now"], frame["pace"])
        self.clock_offset = frame["now"] - machine_time() * 1000
        install_environment(frame["environment"])
        self.json_logs = frame.get("logFormat") == "JSON"
        version = re.match(r"python3\.(\d+)", frame["runtime"])
        self.encoder = Encoder(not (version and int(version.group(1)) >= 12))
        os.chdir(frame["codeDirectory"])
        sys.path[:0] = [frame["codeDirectory"]] + frame["paths"]
        sys.path += frame["supplied"]
        sys.argv = [str("/var/runtime/bootstrap.py")]
        sys.stdin = open(os.devnull)
        sys.stdout = text_output(self, "stdout", 1)
        sys.stderr = text_output(self, "stderr", 2)
        install_logging(self, frame.get("logLevel"))
        try:
            beside("carillon_home").watch(os.environ.get("AWS_ENDPOINT_URL"))
            self.handler = find_handler(frame["handler"])
        except Exception as error:
            pairs = describe(error)
            logging.warning(UNHANDLED)
            self.log_error(pairs)
            header = {"type": "init-error", "errorType": dict(pairs)["errorType"]}
            self.channel.send(header, to_json(pairs).encode("utf-8"))
            exit_now(1)
        self.done()
        self.channel.send({"type": "ready"})

    def done(self):
        self.in_use = False
        if self.world:
            self.world.end()

    def invoke(self, frame, body):
        self.clock_offset = frame["now"] - machine_time() * 1000
        self.in_use = True
        while self.late:
            self.channel.send(*self.late.pop(0))
        if self.world:
            self.world.begin(frame["now"], frame["pace"])
        self.request_id = frame["requestId"]
        set_variable("_X_AMZN_TRACE_ID", frame.get("traceId"))
        try:
            result, header = self.run(frame, body), {"type": "response"}
        except Exception as error:
            pairs = describe(error, self.request_id)
            self.log_error(pairs)
            header = {"type": "error", "errorType": dict(pairs)["errorType"]}
            result = to_json(pairs).encode("utf-8")
        flush_output()
        header["memoryKb"] = peak_memory_kb()
        self.done()
        self.channel.send(header, result)

    def run(self, frame, body):
        context = Context(frame, self.now)
        try:
            event = json.loads(body.decode("utf-8"))
        except ValueError as error:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: {}".format(error))
        response = self.handler(event, context)
        if isinstance(response, bytes) and sys.version_info[0] > 2:
            return response
        try:
            text = self.encoder.encode(response)
            return text if isinstance(text, bytes) else text.encode("utf-8")
        except Exception as error:
            raise Fault("Runtime.MarshalError", "Unable to marshal response: {}".format(as_text(error)))


def beside(name):
    """A module beside this one, which sys.path does not hold."""
    sys.path.insert(0, RUNTIME_DIRECTORY)
    try:
        return importlib.import_module(str(name))
    finally:
        sys.path.remove(RUNTIME_DIRECTORY)


def set_variable(name, value):
    if value:
        os.environ[str(name)] = str(value)
    else:
        os.environ.pop(str(name), None)


def install_environment(variables):
    os.environ.clear()
    for name, value in variables.items():
        if sys.version_info[0] == 2:
            name, value = name.encode("utf-8"), value.encode("utf-8")
        os.environ[name] = value
    if hasattr(time, "tzset"):
        time.tzset()


def install_logging(runtime, level):
    class Handler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = runtime.request_id
            runtime.log(self.format(record), record.levelname)

    class RequestIdFilter(logging.Filter):
        def filter(self, record):
            record.aws_request_id = runtime.request_id
            return True

    pattern = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
    handler = Handler()
    text = logging.Formatter(pattern, str("%Y-%m-%dT%H:%M:%S"))
    handler.setFormatter(JsonFormatter() if runtime.json_logs else text)
    handler.addFilter(RequestIdFilter())
    logging.Formatter.converter = time.gmtime
    root = logging.getLogger()
    root.addHandler(handler)
    if level:
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def find_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", "Bad handler '{}': {}".format(name, error))
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module {} as a handler module".format(module_name)
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(str(module_name.replace("/", ".")))
    except ImportError as error:
        message = "Unable to import module '{}': {}".format(module_name, as_text(error))
        raise Fault("Runtime.ImportModuleError", message)
    except SyntaxError as error:
        trace = ['  File "{}" Line {}\n    {}'.format(error.filename, error.lineno, as_text(error.text))]
        message = "Syntax error in module '{}': {}".format(module_name, as_text(error))
        raise Fault("Runtime.UserCodeSyntaxError", message, trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '{}' missing on module '{}'".format(function_name, module_name)
        raise Fault("Runtime.HandlerNotFound", message)


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


def peak_memory_kb():
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def keep_from_children(descriptor):
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_SETFD, fcntl.fcntl(descriptor, fcntl.F_GETFD) | fcntl.FD_CLOEXEC)


def main():
    keep_from_children(CHANNEL)
    runtime = Runtime()
    runtime.channel.send({"type": "up", "version": "{}.{}.{}".format(*sys.version_info)})
    while True:
        header, body = runtime.channel.receive()
        if header["type"] == "init":
            runtime.start(header)
        elif header["type"] == "invoke":
            runtime.invoke(header, body)


if __name__ == "__main__":
    main()
