"""The sealed file: provenance, expectation, golden vectors."""
