"""Houses: see house_fixtures."""

from house_fixtures import empty_database, house, postgres, pytest_generate_tests

__all__ = ("empty_database", "house", "postgres", "pytest_generate_tests")
