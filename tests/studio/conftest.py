"""Houses, as in tests/people: see house_fixtures there."""

from house_fixtures import empty_database, house, postgres, pytest_generate_tests

__all__ = ("empty_database", "house", "postgres", "pytest_generate_tests")
