#!/usr/bin/env python3
"""A department's own system in Python, with nothing but the standard library.

It waits at its line by the API, serves one case after the other, and takes in what the webhook tells.

    EVENHAND_URL=https://contact.town.example EVENHAND_KEY=evh_... DEPARTMENT=parks python3 consumer.py
    ... with WEBHOOK_PORT=8080 WEBHOOK_SECRET=whsec_... it listens for events too
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL = os.environ["EVENHAND_URL"]
KEY = os.environ["EVENHAND_KEY"]
DEPARTMENT = os.environ["DEPARTMENT"]
WAIT_SECONDS = int(os.environ.get("WAIT_SECONDS", "30"))
MAX_AGE_SECONDS = 300
MAX_BODY_BYTES = 1024 * 1024


def ask(method, path, body=None):
    """One request; answers what was answered, or None where nobody waits."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=WAIT_SECONDS + 15) as response:
        return None if response.status == 204 else json.load(response)


def serve(case):
    """The department's work; answers with the outcome in the agency's words."""
    print("served " + case["receipt"], flush=True)
    return "noted"


def serve_case(case_id):
    case = ask("GET", "/v1/cases/" + case_id)
    try:
        outcome = serve(case)
    except Exception:
        # Back to its own place, not to the end: the next take gives it again.
        ask("POST", "/v1/cases/" + case_id + "/return", {"reason": "could not be served"})
        raise
    ask("POST", "/v1/cases/" + case_id + "/close", {"outcome": outcome})


def work():
    # What this system held when it was last stopped is finished first.
    for held in ask("GET", "/v1/lines/" + DEPARTMENT)["held"]:
        serve_case(held["caseId"])
    while True:
        try:
            taken = ask("POST", "/v1/lines/" + DEPARTMENT + "/take", {"waitSeconds": WAIT_SECONDS})
            if taken:
                serve_case(taken["caseId"])
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503):
                raise
            time.sleep(int(error.headers.get("Retry-After", "5")))
        except urllib.error.URLError:
            time.sleep(5)


def is_signed(headers, body):
    """Standard Webhooks: any one of the signatures is enough, compared in constant time; what is old is refused."""
    key = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MAX_AGE_SECONDS:
        return False
    expected = "v1," + base64.b64encode(hmac.new(key, (message_id + "." + timestamp + ".").encode() + body, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(expected, given) for given in headers.get("webhook-signature", "").split(" "))


class Webhook(BaseHTTPRequestHandler):
    last = ""
    lock = threading.Lock()

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(min(length, MAX_BODY_BYTES))
        if length > MAX_BODY_BYTES or not is_signed(self.headers, body):
            return self.answer(401)
        content = json.loads(body)
        with Webhook.lock:
            for event in content if isinstance(content, list) else [content]:
                # Told at least once: one that is not behind the last was told before.
                if event["sequence"] > Webhook.last:
                    print("told " + event["type"] + " " + event["data"]["receipt"], flush=True)
                    Webhook.last = event["sequence"]
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if "WEBHOOK_PORT" in os.environ:
        server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["WEBHOOK_PORT"])), Webhook)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        work()
    except KeyboardInterrupt:
        sys.exit(0)
