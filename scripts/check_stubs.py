"""Opens recipes in a Lua language server and compares its complaints with what they should be.

usage: check_stubs.py FOLDER SERVER [ARGUMENT]...      FOLDER: recipes, and what `workbench stubs` has written
"""

import json
import pathlib
import queue
import subprocess
import sys
import threading
import time

# Each line but the first few is wrong; `--` says how.
WRONG = """\
local wb = require "workbench"
local data = wb.data.folder { path = "x", size = 8, split = { train = 0.7, validation = 0.2, test = 0.1 } }
local model = wb.sequential { wb.input { 8, 8, 3 }, wb.flatten(), wb.linear { units = 2 } }
local run = wb.train { model = model, data = data, on_epoch = function(info) print(info.training.loss) end }
local x = wb.input { 8, 8, 3 }
---
wb.conv2d { kernel = 3 }                                        -- a required option is missing
wb.conv2d { filters = "many", kernel = 3 }                      -- a string where an integer is wanted
wb.conv2d { filters = 2, kernel = 3, padding = "sme" }          -- no such word
wb.conv2dd { filters = 2, kernel = 3 }                          -- no such layer
wb.los.ce()                                                     -- no such namespace
wb.train { model = model }                                      -- no data
wb.train { model = data, data = data }                          -- data where a model is wanted
wb.evaluate { model = run.best, data = data, split = "tests" }  -- no such split
print(data.clases)                                              -- no such property
print(run.best.parameter)                                         -- no such field
run.best:sav("x.keras")                                         -- no such method
wb.relu()("x")                                                  -- a string where a node is wanted
wb.result("accuracy", "high")                                   -- a string where a number is wanted
"""

# What is said of plain Lua and not of what the stubs declare.
TASTE = {"need-check-nil", "unnecessary-if"}


class Server:
    """A language server, spoken to over its standard input and output."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
        self.messages = queue.Queue()
        self.complaints = {}
        self.next_id = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        stream = self.process.stdout
        while True:
            length = 0
            while (line := stream.readline().strip()):
                name, _, value = line.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            if not length:
                self.messages.put(None)
                return
            self.messages.put(json.loads(stream.read(length)))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params, seconds=60):
        self.next_id += 1
        number = self.next_id
        self.send({"id": number, "method": method, "params": params})
        end = time.monotonic() + seconds
        while (message := self.receive(end - time.monotonic())) is not None:
            if message.get("id") == number and "method" not in message:
                return message.get("result")
        sys.exit(f"the language server did not answer {method}")

    def receive(self, seconds):
        """The next message, or None; questions of the server are answered on the way."""
        try:
            message = self.messages.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            return None
        if message is None:
            sys.exit("the language server has ended")
        if "method" in message and "id" in message:
            items = message.get("params", {}).get("items", []) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": None if items is None else [None] * len(items)})
        if message.get("method") == "textDocument/publishDiagnostics":
            self.complaints[message["params"]["uri"]] = message["params"]["diagnostics"]
        return message


def complaints(server, folder, files):
    """Line numbers, from 1, and texts, by file."""
    uris = {(folder / name).as_uri(): name for name in files}
    capabilities = {
        "textDocument": {"publishDiagnostics": {}, "diagnostic": {}},
        "workspace": {"configuration": True, "workspaceFolders": True},
        "window": {"workDoneProgress": True},
    }
    result = server.request("initialize", {
        "processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities,
        "workspaceFolders": [{"uri": folder.as_uri(), "name": "recipes"}],
    })
    server.notify("initialized", {})
    for uri, name in uris.items():
        text = (folder / name).read_text()
        server.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": "lua", "version": 1, "text": text}})
    if (result or {}).get("capabilities", {}).get("diagnosticProvider"):
        # While it still reads the folder it may answer with nothing: ask again.
        time.sleep(5)
        for uri in uris:
            answer = server.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
            server.complaints[uri] = (answer or {}).get("items", [])
    else:
        # It speaks when it likes: wait until it has said something of every file, and then nothing for a while.
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if server.receive(8) is None and all(uri in server.complaints for uri in uris):
                break
    found = {name: [] for name in files}
    for uri, name in uris.items():
        for item in server.complaints.get(uri, []):
            # Errors and warnings; hints are a matter of taste, too.
            if item.get("severity", 1) <= 2 and item.get("code") not in TASTE:
                text = f"{item['message'].splitlines()[0]} [{item.get('code')}]"
                found[name].append((item["range"]["start"]["line"] + 1, text))
    return found


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    (folder / "wrong.lua").write_text(WRONG)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.lua") if ".workbench" not in path.parts)
    server = Server(sys.argv[2:], folder)
    found = complaints(server, folder, files + [".workbench/workbench.lua"])
    server.process.kill()

    failures = 0
    for name, items in found.items():
        if name == "wrong.lua":
            continue
        for line, text in items:
            print(f"{name}:{line}: {text}")
            failures += 1
    lines = WRONG.splitlines()
    begin = lines.index("---") + 1
    for number, line in enumerate(lines, 1):
        texts = [text for place, text in found["wrong.lua"] if place == number]
        if number > begin and not texts:
            print(f"wrong.lua:{number}: nothing is said of: {line}")
            failures += 1
        if number < begin and texts:
            print(f"wrong.lua:{number}: is right, but: {texts[0]}")
            failures += 1
    if failures:
        sys.exit(f"{failures} differences from what should be said")
    wrong = len(lines) - begin
    print(f"{len(files) - 1} recipes and the stubs are clean; each of {wrong} wrong lines is complained of.")


main()
