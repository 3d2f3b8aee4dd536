"""The commerce service of services/contract.yaml, in Django."""
