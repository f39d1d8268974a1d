"""Runs the real aws-cli against a local moto_server and prints, a JSON object a line, what it answered in every output format.

    drive.py PORT < commands

A line of the commands is `name = words`, which runs the words and keeps the answer's value that they name after `>` (a JMESPath), as
`$name`; or `? words`, which is printed in every format. One Python process runs all of them: starting aws-cli takes a second each time.
"""

import contextlib
import io
import json
import os
import shlex
import sys

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="eu-west-1",
    AWS_ENDPOINT_URL=f"http://127.0.0.1:{sys.argv[1]}",
    AWS_PAGER="",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_MAX_ATTEMPTS="1",
)

import awscli  # noqa: E402
import jmespath  # noqa: E402
from awscli.clidriver import create_clidriver  # noqa: E402

try:
    # aws-cli 2 brings its own.
    from awscli.botocore import loaders  # noqa: E402
except ImportError:
    from botocore import loaders  # noqa: E402

# The service models are read from their files once, not by each driver.
LOADER = loaders.create_loader()
loaders.create_loader = lambda search_path_string=None: LOADER
# Older versions do not read the variable of the environment.
ENDPOINT = ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]
FORMATS = ["json", "text", "table"]
if not awscli.__version__.startswith("1."):
    FORMATS += ["yaml", "yaml-stream"]
DRIVERS = []
LAST = [""]


def run(words):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            # Making a driver takes longer than most commands; some of them leave handlers behind that break the next one.
            if not DRIVERS or words[1].startswith(("modify-", "run-")) or LAST[0].startswith(("modify-", "run-")):
                DRIVERS[:] = [create_clidriver()]
            LAST[0] = words[1]
            status = DRIVERS[0].main(words)
        except SystemExit as exit:
            status = exit.code
    return status, out.getvalue(), err.getvalue()


def main():
    names = {}

    def known(line):
        for name in sorted(names, key=len, reverse=True):
            line = line.replace("$" + name, names[name])
        return line

    for line in sys.stdin:
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("?"):
            command = known(line[1:].strip())
            record = {"command": command}
            for output in FORMATS:
                status, out, err = run(shlex.split(command) + ["--output", output] + ENDPOINT)
                if status == 0:
                    record[output] = out
                elif output == "table" and "Row should have" in err:
                    # aws-cli draws no table of lists of different lengths: its own error.
                    record["undrawn"] = err.strip()
                else:
                    record["error"] = err.strip()
                    break
            print(json.dumps(record), flush=True)
            continue
        name, _, words = line.partition(" = ")
        words, _, path = words.partition(" > ")
        status, out, err = run(shlex.split(known(words)) + ["--output", "json"] + ENDPOINT)
        if status != 0:
            print(json.dumps({"command": words, "setup": err.strip()}), flush=True)
            continue
        if path:
            names[name] = str(jmespath.search(path.strip(), json.loads(out)))


main()
