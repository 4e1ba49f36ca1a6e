"""A demonstration city out of a seed: people, doors and a year of visits that nobody made, on the real map of Đà Nẵng."""

from skills.demo.city import make_city
from skills.demo.people import ACCOUNTS, PASSWORD

__all__ = ["ACCOUNTS", "PASSWORD", "make_city"]
