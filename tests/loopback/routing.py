"""The router of these tests: poems go to "small", code to "large"."""

from tagrouter import TagRouter
from tagrouter.testing import FakeEncoder, FakeTagGenerator, tiny_profile

POEM = "Write a poem about rain."
CODE = "Fix this Python code."
SERVED = {"small": "tiny-small", "large": "tiny-large"}
"""Model of the router -> the name that the server knows it by."""

ASKED = [(POEM, "tiny-small"), (CODE, "tiny-large")]
"""Query -> who has to be asked; both members have their turn."""

EASY = "what's the capital of France"
HARD = "Prove that there are infinitely many primes congruent to 3 mod 4"

MAX_TOKENS = 8


def make_router() -> TagRouter:
    profile = tiny_profile({"poetry": {"small": 0.2}, "coding": {"small": -0.5}})
    generator = FakeTagGenerator({"poem": {"poetry": 0.9}, "python": {"coding": 0.8}})
    return TagRouter.from_profile(profile, generator=generator, encoder=FakeEncoder())
